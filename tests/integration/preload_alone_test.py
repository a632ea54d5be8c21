#!/usr/bin/env python3
"""Bare LD_PRELOAD, without `memoir run`: a complete trace appears beside the program, which
notices nothing."""
import os
import shutil
import signal
import subprocess
import sys
import unittest

from memoir_test import HUNG, MEMOIR, PRELOAD_LIBRARY, MemoirTest, clean_environment, program


class PreloadAloneTest(MemoirTest):
    def preload(self, *command, **more):
        """Runs a command; the one line in which Memoir says where it records is checked, and
        taken out of what the program wrote."""
        env = {"LD_PRELOAD": PRELOAD_LIBRARY, **more.pop("variables", {})}
        run = self.run_alone(*command, env=clean_environment(**env), **more)
        first, _, run.err = run.err.partition(b"\n")
        self.assertRegex(first.decode(), rf"^memoir: recording to {self.folder}/\S+\.memoir$")
        return run

    def finished_trace(self, name):
        """The collector outlives the program by a moment."""
        (path,) = self.wait_for(f"{name}'s trace", lambda: list(
            self.folder.glob(f"{name}.*.memoir")))

        def finished():
            run = self.memoir("sql", "--csv", path,
                              "select value from meta where key = 'complete'")
            return run.status == 0 and run.out.split()[-1:] == [b"1"]

        self.wait_for("its end", finished)
        self.wait_for("one plain file", lambda: not list(self.folder.glob("*.memoir-*")))
        return self.open_trace(path)

    def test_trace_is_the_same(self):
        alone = self.run_alone(program("exact_lines"))
        run = self.preload(program("exact_lines"))
        self.assertEqual((alone.status, alone.out, alone.err), (run.status, run.out, run.err))
        bare = self.finished_trace("exact_lines")
        process = bare.only_process()
        self.assertEqual(f"exact_lines.{process['pid']}.memoir", bare.path.name)
        self.assertEqual(os.getpid(), process["parent_pid"])
        self.assertEqual("exit:0", process["end"])
        recorded = self.record(program("exact_lines"), options=["-q"]).trace
        columns = "line, api, allocations, frees, allocated_bytes, live_blocks, live_bytes"
        query = f"SELECT {columns} FROM sites ORDER BY {columns}"
        self.assertEqual(recorded.rows(query), bare.rows(query))

    def test_memory_errors_are_looked_for(self):
        run = self.preload(program("spoils_one_block"), "over")
        self.assertEqual(0, run.status)
        trace = self.finished_trace("spoils_one_block")
        sought = self.checks_memory()
        self.assertEqual("check" if sought else "profile",
                         trace.value("SELECT value FROM meta WHERE key = 'mode'"))
        self.assertEqual(["heap_buffer_overflow"] if sought else [],
                         [row["kind"] for row in trace.rows("SELECT * FROM faults")])

    def test_output_and_status(self):
        for way in ("exit", "_exit", "abort", "kill"):
            with self.subTest(way):
                alone = self.run_alone(program("ends"), way)
                run = self.preload(program("ends"), way)
                self.assertEqual((alone.status, alone.out, alone.err),
                                 (run.status, run.out, run.err))
                trace = self.finished_trace("ends")
                # Nobody tells a collector that is no parent the status; signals show.
                end = f"exit:{run.status}" if run.status >= 0 else None
                if end is not None:
                    self.assertEqual([end], trace.ends())
                else:
                    self.assertIn(trace.ends()[0], (f"signal:{-run.status}", "killed"))
                self.assertEqual(100, trace.only_process()["live_bytes"])
                trace.close()
                trace.path.unlink()

    def test_no_unknown_child(self):
        run = self.preload(program("waits_for_any_child"))
        self.assertEqual((0, b"1", b""), (run.status, run.out, run.err))
        trace = self.finished_trace("waits_for_any_child")
        self.assertEqual(["exit:0", "exit:6"], trace.ends())

    def test_daemon_closes_every_descriptor(self):
        run = self.preload(program("daemon_closes_all"))
        self.assertEqual((0, b""), (run.status, run.err))
        process = self.finished_trace("daemon_closes_all").only_process()
        self.assertEqual((2001, 1981), (process["allocations"], process["frees"]))
        files = [name for name in os.listdir(self.folder) if name.startswith("file")]
        self.assertEqual(20, len(files))
        for name in files:
            self.assertEqual(3200, (self.folder / name).stat().st_size)

    def test_threads_at_once(self):
        run = self.preload(program("exchange_blocks"))
        self.assertEqual((0, b"", b""), (run.status, run.out, run.err))
        trace = self.finished_trace("exchange_blocks")
        leaks = trace.leaks("exchange_blocks.cpp")
        self.assertEqual((40, 960), (sum(leak["blocks"] for leak in leaks),
                                     sum(leak["bytes"] for leak in leaks)))

    def test_children_share_one_trace(self):
        run = self.preload("bash", "-c", f"{program('ends')} exit; {program('ends')} return; "
                           "exit 5")
        self.assertEqual((5, b"at exit\n" * 2), (run.status, run.out))
        trace = self.finished_trace("bash")
        self.assertEqual(["exit:11", "exit:15"], [
            process["end"] for process in trace.processes()
            if process["executable"] == str(program("ends"))])

    def test_program_outlives_a_killed_collector(self):
        process = subprocess.Popen(
            [program("goes_on")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=self.folder,
            env=clean_environment(LD_PRELOAD=PRELOAD_LIBRARY), start_new_session=True)
        self.addCleanup(self.end_session, process)
        self.assertEqual(b"begun\n", process.stdout.readline())
        found = subprocess.run(["pgrep", "-f", f"collect .*--for-pid {process.pid}$"],
                               capture_output=True, check=True).stdout.split()
        self.assertEqual(1, len(found), "one collector")
        os.kill(int(found[0]), signal.SIGKILL)
        out, err = process.communicate(b"\n", timeout=HUNG)
        self.assertEqual((9, b"999999000000\n"), (process.returncode, out))
        # Where it records, and that this has ended.
        self.assertEqual(2, len(err.splitlines()), err)
        for line in err.splitlines():
            self.assertRegex(line, b"^memoir: ")

    def test_collector_from_the_environment(self):
        copy = self.folder / "elsewhere"
        copy.mkdir()
        library = copy / PRELOAD_LIBRARY.name
        shutil.copy(PRELOAD_LIBRARY, library)
        run = self.preload(program("stripped"), variables={
            "LD_PRELOAD": library, "MEMOIR_COLLECTOR": MEMOIR})
        self.assertEqual((0, b""), (run.status, run.err))
        self.assertEqual(["exit:0"], self.finished_trace("stripped").ends())

    def test_without_a_collector_the_program_runs(self):
        copy = self.folder / "elsewhere"
        copy.mkdir()
        library = copy / PRELOAD_LIBRARY.name
        shutil.copy(PRELOAD_LIBRARY, library)
        for variables in ({}, {"MEMOIR_COLLECTOR": "/no/such/memoir"}):
            with self.subTest(str(variables)):
                env = clean_environment(LD_PRELOAD=library, **variables)
                run = self.run_alone(program("ends"), "exit", env=env)
                self.assertEqual(11, run.status)
                self.assertEqual(self.run_alone(program("ends"), "exit").out, run.out)
                self.assert_one_line(run, "MEMOIR_COLLECTOR")
        self.assertEqual([], list(self.folder.glob("*.memoir")))

    def test_folder_that_cannot_be_written(self):
        env = clean_environment(LD_PRELOAD=PRELOAD_LIBRARY)
        run = self.run_alone(program("ends"), "exit", cwd="/proc", env=env)
        self.assertEqual(11, run.status)
        self.assertEqual(self.run_alone(program("ends"), "exit").out, run.out)
        self.assert_one_line(run, "cannot write /proc/ends.")


if __name__ == "__main__":
    sys.exit(unittest.main())
