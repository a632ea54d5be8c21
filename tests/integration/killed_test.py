#!/usr/bin/env python3
"""Sudden ends: the program killed, Memoir killed, Ctrl-C, SIGTERM."""
import os
import pty
import signal
import struct
import subprocess
import sys
import time
import unittest

from memoir_test import (HUNG, MEMOIR, MemoirTest, clean_environment, process_is_alive,
                         program, text)


def child_of(pid):
    """The program that `memoir run` started."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True,
                              check=False).stdout.split()
    return int(children[0]) if children else None


class KilledTest(MemoirTest):
    def read_line(self, process):
        return process.stdout.readline().decode()

    def test_killed_program_loses_nothing(self):
        for delay in (0.02, 0.2, 0.7):
            with self.subTest(delay=delay):
                counter = self.folder / f"counter{delay}"
                process, path = self.start_recording(program("counts_aloud"), counter)

                def counted(counter=counter):
                    content = counter.read_bytes() if counter.exists() else b""
                    return struct.unpack("Q", content)[0] if len(content) == 8 else 0

                self.wait_for("the first blocks", lambda: counted() > 100)
                time.sleep(delay)
                os.kill(child_of(process.pid), signal.SIGKILL)
                _, err = process.communicate(timeout=HUNG)
                self.assertEqual(-signal.SIGKILL, process.returncode)
                self.assertEqual(1, len(err.splitlines()), err)
                trace = self.open_trace(path)
                recorded = trace.only_process()
                self.assertEqual("signal:9", recorded["end"])
                (site,) = trace.sites("counts_aloud.c", api="malloc")
                # Killed anywhere in the loop: at most one block is not counted yet.
                count = counted()
                self.assertIn(site["allocations"], (count, count + 1))
                self.assertIn(site["frees"], (count - count // 4 - 1, count - count // 4))
                self.assertEqual(0, self.memoir("report", path).status)

    def check_cut_short(self, path):
        report = self.memoir("report", path)
        self.assertEqual((0, b""), (report.status, report.err))
        self.assertRegex(report.out.decode().lower(), "cut short|not finished|incomplete")
        for command in ("leaks", "sites"):
            self.assertEqual(0, self.memoir(command, path).status)

    def test_program_outlives_killed_memoir(self):
        process, path = self.start_recording(program("goes_on"), stdin=subprocess.PIPE)
        self.assertEqual("begun\n", self.read_line(process))
        child = child_of(process.pid)
        # What was recorded is committed within moments.
        self.wait_for("the first commit", lambda: self.committed(path) >= 1000)
        process.kill()
        process.wait(HUNG)
        process.stdin.write(b"\n")
        process.stdin.flush()
        self.assertEqual(f"{2 * sum(range(1000000))}\n", self.read_line(process))
        self.wait_for("the end of the program", lambda: not process_is_alive(child))
        said = process.stderr.read().decode().splitlines()
        self.assertEqual(1, len(said), said)
        self.assertRegex(said[0], "^memoir: ")
        self.check_cut_short(path)
        trace = self.open_trace(path)
        self.assertGreaterEqual(trace.value("SELECT sum(allocations) FROM sites"), 1000)

    def committed(self, path):
        if not path.exists():
            return 0
        answer = self.memoir("sql", "--json", path, "select count(*) as n from events")
        return int(answer.out.split(b":")[1].split(b"}")[0]) if answer.status == 0 else 0

    def test_program_outlives_memoir_killed_under_load(self):
        """Killed while rings fill: threads that wait for room must not wait for ever."""
        process, path = self.start_recording(program("goes_on"), stdin=subprocess.PIPE)
        self.assertEqual("begun\n", self.read_line(process))
        child = child_of(process.pid)
        os.kill(process.pid, signal.SIGSTOP)  # the rings fill, both threads wait
        process.stdin.write(b"\n")
        process.stdin.flush()
        time.sleep(0.5)
        self.assertTrue(process_is_alive(child))
        process.kill()
        self.assertEqual(f"{2 * sum(range(1000000))}\n", self.read_line(process))
        self.wait_for("the end of the program", lambda: not process_is_alive(child))
        self.assertIn(self.memoir("report", path).status, (0, 4))

    def test_stopped_memoir_loses_nothing(self):
        process, path = self.start_recording(program("goes_on"), stdin=subprocess.PIPE)
        self.assertEqual("begun\n", self.read_line(process))
        os.kill(process.pid, signal.SIGSTOP)
        process.stdin.write(b"\n")
        process.stdin.flush()
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGCONT)
        process.communicate(timeout=HUNG)
        self.assertEqual(9, process.returncode)
        trace = self.open_trace(path)
        self.assertEqual(2001000, sum(site["allocations"]
                                      for site in trace.sites("goes_on.c")))
        self.assertEqual([], trace.leaks("goes_on.c"))

    def run_on_terminal(self, *command):
        """`memoir run` as the leader of a terminal's session; returns (process, fd)."""
        path = self.new_trace_path()
        leader, terminal = pty.openpty()
        process = subprocess.Popen(
            text([MEMOIR, "run", "-o", path, "--", *command]), stdin=terminal,
            stdout=terminal, stderr=terminal, cwd=self.folder, env=clean_environment(),
            start_new_session=True, preexec_fn=lambda: claim_terminal(terminal))
        os.close(terminal)
        self.addCleanup(self.end_session, process)
        return process, leader, path

    def test_ctrl_c_is_the_programs(self):
        for argument, status, end in (("", 21, "exit:21"), ("ignore", -2, "signal:2")):
            with self.subTest(argument or "minds it"):
                arguments = [argument] if argument else []
                process, leader, path = self.run_on_terminal(program("minds_signals"),
                                                             *arguments)
                said = read_until(leader, b"ready")
                os.write(leader, b"\x03")
                said += read_until(leader, None)
                self.assertEqual(status, process.wait(HUNG))
                if not argument:
                    self.assertIn(b"interrupted", said)
                trace = self.open_trace(path)
                recorded = trace.only_process()
                self.assertEqual(end, recorded["end"])
                self.assertEqual((100, 300)[not argument], recorded["live_bytes"])
                self.assertEqual("1", str(trace.value(
                    "SELECT value FROM meta WHERE key = 'complete'")))

    def test_sigterm_is_passed_on(self):
        process, path = self.start_recording(program("minds_signals"))
        self.assertEqual("ready\n", self.read_line(process))
        process.terminate()
        self.assertEqual("terminated\n", self.read_line(process))
        self.assertEqual(22, process.wait(HUNG))
        self.assertEqual("exit:22", self.open_trace(path).only_process()["end"])

    def test_sighup_is_passed_on(self):
        process, path = self.start_recording(program("minds_signals"))
        self.assertEqual("ready\n", self.read_line(process))
        process.send_signal(signal.SIGHUP)
        self.assertEqual(-signal.SIGHUP, process.wait(HUNG))
        self.assertEqual("signal:1", self.open_trace(path).only_process()["end"])

    def test_family_outlives_killed_memoir(self):
        """Every process of a tree goes on by itself."""
        os.mkfifo(self.folder / "pipe")
        pipe = os.open(self.folder / "pipe", os.O_RDWR)  # held open: readers wait for more
        self.addCleanup(os.close, pipe)
        go = f"{program('goes_on')} <pipe"
        process, path = self.start_recording("bash", "-c",
                                             f"{go} & {go} & wait; echo all done")
        self.assertEqual(["begun\n"] * 2, [self.read_line(process) for _ in range(2)])
        process.kill()
        process.wait(HUNG)
        os.write(pipe, b"\n\n")
        lines = sorted(self.read_line(process) for _ in range(3))
        self.assertEqual(["999999000000\n"] * 2 + ["all done\n"], lines)
        self.assertIn(self.memoir("report", path).status, (0, 4))

    def test_report_while_recording(self):
        process, path = self.start_recording(program("minds_signals"))
        self.assertEqual("ready\n", self.read_line(process))

        def report():
            run = self.memoir("report", path)
            return run if run.status == 0 and b"running" in run.out else None

        self.wait_for("a first report", report)
        self.assertEqual(["running"], self.open_trace(path).ends())
        process.terminate()
        self.assertEqual(22, process.wait(HUNG))
        self.assertIn(b"exited with status 22", self.memoir("report", path).out)

    def test_sigterm_that_the_program_dies_of(self):
        process, path = self.start_recording(program("minds_signals"), "ignore")
        self.assertEqual("ready\n", self.read_line(process))
        process.terminate()
        self.assertEqual(-signal.SIGTERM, process.wait(HUNG))
        self.assertEqual("signal:15", self.open_trace(path).only_process()["end"])


def claim_terminal(terminal):
    import fcntl  # pylint: disable=import-outside-toplevel
    import termios  # pylint: disable=import-outside-toplevel
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def read_until(fd, word):
    """What a terminal shows, until a word or its end."""
    said = b""
    while word is None or word not in said:
        try:
            piece = os.read(fd, 4096)
        except OSError:  # the last process on the terminal has gone
            break
        if not piece:
            break
        said += piece
    return said


if __name__ == "__main__":
    sys.exit(unittest.main())
