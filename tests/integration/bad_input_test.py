#!/usr/bin/env python3
"""What cannot be done is said in one clear line, with the right exit status, and nothing is
left behind."""
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import unittest

from memoir_test import HUNG, MEMOIR, MemoirTest, clean_environment, program

USAGE, CANNOT_TRACE, TRACE = 2, 3, 4


class RefusedProgramsTest(MemoirTest):
    """`memoir run` on what cannot be traced."""

    def refused(self, *command, words=(), status=CANNOT_TRACE, options=()):
        output = self.folder / "refused.memoir"
        before = sorted(os.listdir(self.folder))
        run = self.memoir("run", "-o", output, *options, "--", *command)
        self.assertEqual(status, run.status, run.err)
        self.assertEqual(b"", run.out)
        self.assert_one_line(run, *words)
        self.assertEqual(before, sorted(os.listdir(self.folder)), "something is left behind")

    def compile(self, *options):
        source = self.folder / "program.c"
        source.write_text("int main(void) { return 0; }\n")
        made = self.folder / "made"
        done = subprocess.run(["gcc", *options, source, "-o", made], capture_output=True,
                              check=False)
        if done.returncode != 0:
            self.skipTest(f"gcc {options} does not work here: {done.stderr!r}")
        return made

    def test_no_such_program(self):
        self.refused("no-such-program-anywhere", words=["no-such-program-anywhere"])
        self.refused("./nothing-here", words=["./nothing-here"])
        self.refused("", words=["without a name"])

    def test_directory(self):
        self.refused(self.folder, words=["directory"])

    def test_not_executable(self):
        plain = self.folder / "plain"
        shutil.copy(program("ends"), plain)
        plain.chmod(0o644)
        self.refused(plain, words=["not executable"])

    def test_static(self):
        self.refused(self.compile("-static"), words=["static"])

    def test_static_pie(self):
        self.refused(self.compile("-static-pie"), words=["static"])

    def test_set_user_id(self):
        copy = self.folder / "privileged"
        shutil.copy(program("ends"), copy)
        copy.chmod(0o4755)
        self.refused(copy, words=["set-user-ID"])

    def test_set_group_id(self):
        copy = self.folder / "privileged"
        shutil.copy(program("ends"), copy)
        copy.chmod(0o2755)
        self.refused(copy, words=["set-group-ID"])

    def test_32_bit(self):
        header = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)  # ELFCLASS32
        header += struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0, 52, 0, 0, 52, 32, 0, 0, 0, 0)
        foreign = self.folder / "foreign"
        foreign.write_bytes(header + bytes(64))
        foreign.chmod(0o755)
        self.refused(foreign, words=["32-bit"])

    def test_other_processor(self):
        header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
        header += struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, 0, 64, 0, 0, 64, 56, 0, 0, 0, 0)
        foreign = self.folder / "foreign"
        foreign.write_bytes(header + bytes(64))
        foreign.chmod(0o755)
        self.refused(foreign, words=["x86-64"])

    def test_damaged_executables(self):
        whole = program("ends").read_bytes()
        for length in (1, 4, 20, 63, 64, 100, 500):
            with self.subTest(length=length):
                damaged = self.folder / "damaged"
                damaged.write_bytes(whole[:length])
                damaged.chmod(0o755)
                if length < 4:
                    continue  # no ELF at all: the shell would take it
                self.refused(damaged)
                damaged.unlink()

    def test_script_of_a_program_that_is_not_there(self):
        script = self.folder / "script"
        script.write_text("#!/no/such/interpreter\n")
        script.chmod(0o755)
        self.refused(script, words=["/no/such/interpreter"])


class OutputTest(MemoirTest):
    """Where the trace cannot, or must not, be written."""

    def test_unwritable_places(self):
        marker = self.folder / "ran"
        for place in (self.folder / "missing/x.memoir", "/proc/x.memoir", self.folder):
            with self.subTest(place):
                run = self.memoir("run", "-o", place, "--", "touch", marker)
                self.assertEqual(TRACE if place != self.folder else run.status, run.status)
                self.assertIn(run.status, (USAGE, TRACE))
                self.assert_one_line(run, str(place))
                self.assertFalse(marker.exists(), "the program ran, unrecorded")
        self.assertEqual([], os.listdir(self.folder))

    def test_existing_file_is_kept(self):
        kept = self.folder / "kept.memoir"
        kept.write_text("precious")
        marker = self.folder / "ran"
        run = self.memoir("run", "-o", kept, "--", "touch", marker)
        self.assertEqual(USAGE, run.status)
        self.assert_one_line(run, "kept.memoir", "--force")
        self.assertEqual("precious", kept.read_text())
        self.assertFalse(marker.exists())
        self.assertEqual(["kept.memoir"], os.listdir(self.folder))

    def test_existing_file_is_replaced_by_force(self):
        kept = self.folder / "kept.memoir"
        for _ in range(2):
            kept.write_text("x" * 100000)
            run = self.memoir("run", "--force", "-o", kept, "--", program("ends"), "exit")
            self.assertEqual(11, run.status)
            self.assertEqual(["exit:11"], self.open_trace(kept).ends())
        self.assertEqual(["kept.memoir"], os.listdir(self.folder))

    def test_special_files_are_left_alone(self):
        pipe, target = self.folder / "pipe", self.folder / "target"
        os.mkfifo(pipe)
        target.write_text("precious")
        link, dangling = self.folder / "link", self.folder / "dangling"
        link.symlink_to(target)
        dangling.symlink_to("nowhere")
        for place in (pipe, link, dangling):
            run = self.memoir("run", "-o", place, "--", "true")
            self.assertIn(run.status, (USAGE, TRACE))
            self.assert_one_line(run, str(place))
        run = self.memoir("run", "--force", "-o", pipe, "--", "true")
        self.assertEqual(TRACE, run.status)
        self.assert_one_line(run, "not a regular file")
        self.assertTrue(pipe.is_fifo() and dangling.is_symlink())
        # A link is replaced, never followed.
        run = self.memoir("run", "--force", "-o", link, "--", "true")
        self.assertEqual((0, "precious"), (run.status, target.read_text()))
        self.assertFalse(link.is_symlink())
        for command in ("report", "leaks", "sites"):
            self.assertEqual(TRACE, self.memoir(command, pipe).status)

    def test_default_name(self):
        run = self.memoir("run", program("ends"), "exit")
        self.assertEqual(11, run.status)
        (name,) = os.listdir(self.folder)
        trace = self.open_trace(self.folder / name)
        self.assertEqual(f"ends.{trace.only_process()['pid']}.memoir", name)
        self.assertIn(name, run.error_lines()[-1])
        self.assertEqual(0o600, (self.folder / name).stat().st_mode & 0o777)

    def test_full_disk(self):
        """The program runs to its end, whatever happens to the trace."""
        small = self.folder / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", small],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("a small file system cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", small], check=True)
        run = self.memoir("run", "-o", small / "x.memoir", "--", program("goes_on"),
                          input=b"\n")
        self.assertEqual(f"begun\n{2 * sum(range(1000000))}\n", run.out.decode())
        self.assert_one_line(run, "no space left on device")
        self.assertEqual(9, run.status)
        self.assertIn(self.memoir("report", small / "x.memoir").status, (0, TRACE))

    def test_disk_that_fills_half_way(self):
        """What was saved is there, and says that it is not all."""
        small = self.folder / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", small],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("a small file system cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", small], check=True)
        trace = small / "x.memoir"
        process = subprocess.Popen(
            [MEMOIR, "run", "-o", trace, "--", program("goes_on")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
        self.addCleanup(process.kill)
        self.assertEqual(b"begun\n", process.stdout.readline())

        def events():
            run = self.memoir("sql", "--csv", trace, "select count(*) from events")
            return run.status == 0 and int(run.out.split()[-1]) > 0

        self.wait_for("the first commit", events)
        with open(small / "ballast", "wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                pass
        out, err = process.communicate(b"\n", timeout=HUNG)
        self.assertEqual(f"{2 * sum(range(1000000))}\n", out.decode())
        self.assertEqual(9, process.returncode)
        lines = err.decode().splitlines()
        self.assertEqual(1, len(lines), lines)
        self.assertRegex(lines[0], "^memoir: .*no space left on device")
        (small / "ballast").unlink()
        report = self.memoir("report", trace)
        self.assertEqual((0, b""), (report.status, report.err))
        self.assertRegex(report.out.decode().lower(), "cut short|not finished|incomplete")

    def run_limited(self, kib):
        return self.run_alone("bash", "-c",
                              f"ulimit -f {kib}; exec {MEMOIR} run -o x.memoir -- "
                              f"{program('goes_on')}", input=b"\n")

    def test_file_size_limit_too_low_for_any_trace(self):
        """SIGXFSZ must not kill us before we could say what is wrong."""
        run = self.run_limited(20)
        self.assert_one_line(run, "x.memoir")
        self.assertEqual((4, b""), (run.status, run.out))

    def test_file_size_limit(self):
        """ulimit -f: SIGXFSZ must not kill the collector."""
        run = self.run_limited(300)
        self.assertEqual(f"begun\n{2 * sum(range(1000000))}\n", run.out.decode())
        self.assertEqual(9, run.status)
        self.assertTrue(run.err)
        for line in run.error_lines():
            self.assertRegex(line, "^memoir: ")


class UsageTest(MemoirTest):
    def usage(self, *words, names=()):
        run = self.memoir(*words)
        self.assertEqual(USAGE, run.status, run.err)
        self.assert_one_line(run, *names)
        self.assertEqual([], os.listdir(self.folder))

    def test_wrong_words(self):
        self.usage("frobnicate", names=["frobnicate"])
        self.usage("--frobnicate", names=["--frobnicate"])
        self.usage("run")
        self.usage("run", "--")
        self.usage("run", "--frobnicate", "true", names=["--frobnicate"])
        self.usage("run", "--option", "frobnicate=1", "--", "true", names=["frobnicate"])
        self.usage("run", "--option", "ring_kib=much", "--", "true", names=["ring_kib"])
        self.usage("run", "--mode", "frobnicate", "--", "true", names=["frobnicate"])
        self.usage("report")
        self.usage("report", "--frobnicate", "x.memoir")
        self.usage("leaks")
        self.usage("sites", "--sort", "frobnicate", "x.memoir")
        self.usage("sql")

    def test_options_of_the_program_are_its_own(self):
        run = self.record("echo", "-o", "x", "--force", "--", "-q")
        self.assertEqual(b"-o x --force -- -q\n", run.out)
        run = self.memoir("run", "-o", "y.memoir", "echo", "-o", "x", "--help")
        self.assertEqual((0, b"-o x --help\n"), (run.status, run.out))

    def test_no_words(self):
        run = self.memoir()
        self.assertEqual(USAGE, run.status)
        self.assertIn(b"usage: memoir", run.err)


class BadTracesTest(MemoirTest):
    """Reports on files that are no (whole) trace."""

    def setUp(self):
        super().setUp()
        self.file = self.folder / "x.memoir"

    def refused(self, *words):
        before = self.file.read_bytes() if self.file.is_file() else None
        for command in (["report"], ["report", "--json"], ["leaks"], ["sites"],
                        ["sql", "select 1"]):
            run = self.memoir(command[0], *command[1:2] if command[0] == "report" else [],
                              self.file, *command[1:] if command[0] == "sql" else [])
            self.assertEqual((TRACE, b""), (run.status, run.out), (command, run.err))
            self.assert_one_line(run, "x.memoir", *words)
        if before is not None:
            self.assertEqual(before, self.file.read_bytes())
            self.assertEqual(["x.memoir"], os.listdir(self.folder))

    def make_trace(self):
        run = self.memoir("run", "-q", "-o", self.file, "--", program("exact_lines"))
        self.assertEqual((0, b""), (run.status, run.err))

    def test_missing(self):
        self.refused("x.memoir")
        self.assertEqual([], os.listdir(self.folder), "a report made a file")

    def test_directory(self):
        self.file.mkdir()
        self.refused()

    def test_empty(self):
        self.file.write_bytes(b"")
        self.refused()

    def test_text(self):
        self.file.write_text("once upon a time\n" * 1000)
        self.refused()

    def test_other_database(self):
        database = sqlite3.connect(self.file)
        database.execute("CREATE TABLE process(id, pid)")
        database.execute("INSERT INTO process VALUES(1, 2)")
        database.commit()
        database.close()
        self.refused()

    def test_newer_version(self):
        self.make_trace()
        database = sqlite3.connect(self.file)
        (version,) = database.execute("PRAGMA user_version").fetchone()
        database.execute(f"PRAGMA user_version = {version + 1}")
        database.commit()
        database.close()
        self.refused(str(version + 1))

    def test_cut_anywhere(self):
        """Refused with one line, or answered from what is there; never a crash."""
        self.make_trace()
        whole = self.file.read_bytes()
        lengths = {1, 15, 16, 99, 100, 101, 1000, 4095, 4096, 4097,
                   *range(8192, len(whole), 12288), len(whole) - 1, len(whole) - 4096}
        for length in sorted(lengths):
            with self.subTest(length=length, of=len(whole)):
                self.file.write_bytes(whole[:length])
                run = self.memoir("report", self.file)
                if run.status == 0:
                    self.assertGreater(length, len(whole) // 2)
                    continue
                self.assertEqual((TRACE, b""), (run.status, run.out))
                self.assert_one_line(run)

    def test_scribbled_over(self):
        self.make_trace()
        whole = bytearray(self.file.read_bytes())
        for page in range(1, len(whole) // 4096, 3):
            with self.subTest(page=page):
                scribbled = bytearray(whole)
                scribbled[page * 4096:page * 4096 + 4096] = bytes(
                    (i * 131 + page) % 256 for i in range(4096))
                self.file.write_bytes(scribbled)
                for command in ("report", "leaks", "sites"):
                    run = self.memoir(command, self.file)
                    self.assertIn(run.status, (0, TRACE), run.err)
                    if run.status == TRACE:
                        self.assert_one_line(run)

    def test_wrong_query(self):
        self.make_trace()
        run = self.memoir("sql", self.file, "select frobnicate from sites")
        self.assertNotEqual(0, run.status)
        self.assert_one_line(run, "frobnicate")
        run = self.memoir("sql", self.file, "delete from site")
        self.assertNotEqual(0, run.status)
        self.assertEqual(0, self.memoir("report", self.file).status)

    def test_output_that_cannot_be_written(self):
        self.make_trace()
        with open("/dev/full", "wb") as full:
            done = subprocess.run([MEMOIR, "report", self.file], stdout=full,
                                  stderr=subprocess.PIPE, env=clean_environment(),
                                  check=False)
        self.assertNotEqual(0, done.returncode)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
