#!/usr/bin/env python3
"""Programs that may not have much: address space, descriptors, files, a root with nothing in
it. Recorded, or one line says why not; the program never fares worse for it."""
import os
import subprocess
import sys
import unittest

from memoir_test import MEMOIR, MemoirTest, clean_environment, program


class LimitsTest(MemoirTest):
    def run_limited(self, limit, *command, **more):
        """With and without Memoir, under a limit set by the shell that starts it."""
        words = ["sh", "-c", f'ulimit {limit} && exec "$@"', "sh", *command]
        return self.run_alone(*words, **more), self.record(*words, options=["-q"], **more)

    def recorded(self, run, name):
        return [process for process in run.trace.processes()
                if process["executable"] == str(program(name))]

    def test_address_space(self):
        """From nearly nothing, where nobody can start, to more than a session takes."""
        recorded = 0
        # With two libraries there is no room for libc in three megabytes.
        for mebibytes in (4 if self.checks_memory() else 3, 8, 16, 32, 64, 256, 1024):
            with self.subTest(mebibytes):
                alone, run = self.run_limited(f"-v {mebibytes * 1024}",
                                              program("fills_its_space"))
                self.assertEqual(alone.status, run.status, run.err)
                if alone.status != 0:
                    continue
                # What recording takes is its library, what it keeps of a thread, and a
                # sixteenth; guards, and addresses that begin at round numbers, a fifth.
                least = int(alone.out) * (11 if self.checks_memory() else 14) // 16 - 6
                self.assertGreaterEqual(int(run.out), least)
                rows = self.recorded(run, "fills_its_space")
                if rows:
                    (process,) = rows
                    self.assertEqual(("exit:0", 0), (process["end"], process["dropped"]))
                    (site,) = run.trace.sites("fills_its_space.c")
                    self.assertEqual(int(run.out), site["allocations"])
                    recorded += 1
                else:
                    self.assert_one_line(run, "ulimit -v")
        self.assertGreaterEqual(recorded, 3)

    def test_address_space_is_used_again(self):
        """What is kept of freed blocks is given up when something else needs its place."""
        for mebibytes in (128, 512):
            with self.subTest(mebibytes):
                alone, run = self.run_limited(f"-v {mebibytes * 1024}",
                                              program("frees_and_keeps"), "2000")
                self.assertEqual((0, b"0 failed\n"), (alone.status, alone.out))
                self.assertEqual((0, b"0 failed\n"), (run.status, run.out), run.err)

    def test_nothing_grows(self):
        """However many blocks were freed: the kernel's list of mappings is short."""
        for rounds, size in ((200_000, 100), (10_000, 100_000), (5000, 1_000_000),
                             (3000, 5_000_000)):
            with self.subTest(size):
                run = self.record(program("frees_for_ever"), str(rounds), str(size),
                                  options=["-q", "--option", "mappings=false"])
                self.assertEqual(0, run.status, run.err)
                mappings, more, pages, more_pages = map(int, run.out.split())
                # What is kept of large blocks differs by what their sizes happen to be.
                self.assertLess(more, mappings * 1.25 + 100)
                self.assertLess(more_pages, pages * 1.25 + 4096)

    def test_more_blocks_than_mappings(self):
        """A process may have 65,530 mappings: a block and its guards would take three."""
        for guards in ("true", "false"):
            with self.subTest(guards):
                run = self.record(program("frees_and_keeps"), "0", "40000", options=[
                    "-q", "--option", f"guard_install={guards}"])
                self.assertEqual((0, b"0 failed\n"), (run.status, run.out), run.err)

    def test_threads_in_little_address_space(self):
        env = clean_environment(GLIBC_TUNABLES="glibc.malloc.arena_max=1")
        alone, run = self.run_limited(f"-v {256 * 1024}", program("threads_come_and_go"),
                                      env=env)
        self.assertEqual((alone.status, alone.out), (run.status, run.out), run.err)
        self.assertEqual(2000, sum(site["allocations"] for site in run.trace.sites(
            "threads_come_and_go.c")))

    def test_few_descriptors(self):
        """Without a limit above the limit (or the privilege to raise it) there is no room
        for the moment of the start: then it says so."""
        for limit, room in (("-Sn 4", True), ("-n 4", False), ("-n 5", True)):
            with self.subTest(limit):
                alone, run = self.run_limited(limit, program("ends"), "exit")
                self.assertEqual((11, alone.out), (run.status, run.out))
                rows = self.recorded(run, "ends")
                if room or rows:
                    self.assertEqual((11, b""), (run.status, run.err))
                    self.assertEqual([(2, 1, 100)], [
                        (row["allocations"], row["frees"], row["live_bytes"])
                        for row in rows])
                else:
                    self.assertEqual([], rows)
                    self.assert_one_line(run, "ulimit -n")

    def test_more_processes_than_descriptors(self):
        """The collector takes more than it was given; the program does not."""
        path = self.new_trace_path()
        run = self.run_alone("sh", "-c", f'ulimit -Sn 40; exec {MEMOIR} run -q -o {path} -- '
                             f'sh -c "ulimit -n; exec {program("makes_a_crowd")} 100"')
        self.assertEqual((0, b"40\n", b""), (run.status, run.out, run.err))
        rows = [row for row in self.open_trace(path).processes()
                if row["executable"] == str(program("makes_a_crowd"))]
        self.assertEqual(101, len(rows))
        self.assertEqual([(10, 250, "exit:3")] * 100, [
            (row["live_blocks"], row["live_bytes"], row["end"]) for row in rows[1:]])

    def test_descriptors_are_the_programs_own(self):
        alone = self.run_alone(program("lists_descriptors"))
        run = self.record(program("lists_descriptors"), options=["-q"])
        self.assertEqual((0, b""), (alone.status, alone.err))
        self.assertEqual((0, alone.out, b""), (run.status, run.out, run.err))
        self.assertEqual(["exit:0", "exit:3"], run.trace.ends())

    def test_another_root(self):
        if os.getuid() != 0:
            self.skipTest("only root may change its root")
        run = self.record(program("changes_root"), options=["-q"])
        self.assertEqual((8, b""), (run.status, run.err))
        parent, child = run.trace.processes()
        self.assertEqual(("exit:8", "exit:4"), (parent["end"], child["end"]))
        self.assertEqual((str(program("changes_root")), parent["command"]),
                         (child["executable"], child["command"]))
        blocks = {}
        for leak in run.trace.leaks("changes_root.c"):
            key = leak["process"], leak["function"]
            blocks[key] = blocks.get(key, 0) + leak["blocks"]
        self.assertEqual({(1, "main"): 6, (2, "main"): 3}, blocks)

    def test_small_files(self):
        """A memfd is a file: RLIMIT_FSIZE counts for it."""
        for kibibytes in (0, 64, 4096):
            with self.subTest(kibibytes):
                alone, run = self.run_limited(f"-f {kibibytes}", program("threads_come_and_go"))
                self.assertEqual((alone.status, alone.out), (run.status, run.out), run.err)
                rows = self.recorded(run, "threads_come_and_go")
                if rows:
                    self.assertEqual(2000, sum(site["allocations"] for site in run.trace.sites(
                        "threads_come_and_go.c")))
                else:
                    self.assert_one_line(run, "ulimit -f")


if __name__ == "__main__":
    sys.exit(unittest.main())
