#!/usr/bin/env python3
"""Programs that make it hard to record them. They run as ever; what can be is recorded."""
import os
import subprocess
import sys
import unittest

from memoir_test import MEMOIR, MemoirTest, plain_name, program


class AwkwardProgramsTest(MemoirTest):
    def test_every_way_to_start_a_child(self):
        alone = self.run_alone(program("spawns"))
        run = self.record(program("spawns"), options=["-q"])
        self.assertEqual((6, b"", b""), (alone.status, alone.out, alone.err))
        self.assertEqual((6, b"", b""), (run.status, run.out, run.err))
        processes = run.trace.processes()
        parent = processes[0]
        self.assertEqual("exit:6", parent["end"])
        again = [process for process in processes[1:]
                 if process["executable"] == str(program("spawns"))]
        self.assertEqual(["22", "333", "4444", "55555"],
                         [process["command"].split()[-1] for process in again])
        for process in again:
            length = len(process["command"].split()[-1])
            self.assertEqual((f"exit:{length}", length, length * 100, parent["pid"]), tuple(
                process[column] for column in ("end", "live_blocks", "live_bytes",
                                               "parent_pid")))

    def test_becomes_another_user(self):
        if os.getuid() != 0:
            self.skipTest("only root may become another user")
        run = self.record(program("drops_privileges"))
        self.assertEqual(9, run.status)
        first = run.trace.processes()[0]
        self.assertEqual((3, 600, "exit:9"), (first["live_blocks"], first["live_bytes"],
                                              first["end"]))
        for line in run.error_lines():
            self.assertRegex(line, "^memoir: ")

    def test_malloc_of_its_own(self):
        alone = self.run_alone(program("own_malloc"))
        run = self.record(program("own_malloc"), options=["-q"])
        self.assertEqual((0, b"ran\n"), (alone.status, alone.out))
        self.assertEqual((0, b"ran\n"), (run.status, run.out))
        self.assertEqual([], run.trace.sites(api="malloc"))
        self.assertEqual([], run.trace.leaks())

    def test_children_that_cannot_be_recorded(self):
        static = self.folder / "static"
        made = subprocess.run(["gcc", "-static", "-x", "c", "-", "-o", static],
                              input=b"int main(void) { return 3; }", capture_output=True,
                              check=False)
        if made.returncode != 0:
            self.skipTest("no static C library here")
        run = self.record("bash", "-c", f"{static}; echo $?; exit 4", options=["-q"])
        self.assertEqual((4, b"3\n", b""), (run.status, run.out, run.err))
        self.assertEqual("exit:4", run.trace.processes()[0]["end"])
        self.assertEqual([], [process for process in run.trace.processes()
                              if process["executable"] == str(static)])

    def test_handlers_that_jump_out_of_the_recording(self):
        """Also out of the ring that threads share when there are too few."""
        for option in ("ring_kib=1024", "ring_kib=4", "max_threads=1"):
            with self.subTest(option):
                options = ["--option", option]
                run = self.record(program("jumps_from_handlers"), options=["-q", *options])
                self.assertEqual((0, b""), (run.status, run.err))
                mapped = int(run.out)
                process = run.trace.only_process()
                self.assertEqual((0, 1, "exit:0"), (process["dropped"], process["complete"],
                                                    process["end"]))
                (site,) = run.trace.sites("jumps_from_handlers.c", api="mmap")
                jumps = 4 * 300
                self.assertGreaterEqual(site["allocations"], mapped)
                self.assertLessEqual(site["allocations"], mapped + jumps)

    def test_handlers_that_fill_the_ring(self):
        """Behind an event that they have interrupted: what finds no room is counted."""
        has_room_for_all = 16384  # however slow the collector is
        for ring in (has_room_for_all, 4):
            with self.subTest(ring):
                run = self.record(program("floods_from_handlers"),
                                  options=["-q", "--option", f"ring_kib={ring}"])
                self.assertEqual((0, b""), (run.status, run.err))
                process = run.trace.only_process()
                (count,) = run.trace.select(
                    "select count(*) as n from events where size = 72 or api = 'free'")
                lost = process["dropped"]
                self.assertEqual(2 * int(run.out), count["n"] + lost)
                if ring == has_room_for_all:
                    self.assertEqual(0, lost)

    def test_cancelled_threads(self):
        """Whatever they were recording: their cleanup and their rings go on."""
        for option in ("ring_kib=1024", "ring_kib=4", "max_threads=1"):
            with self.subTest(option):
                run = self.record(program("cancels_threads"), "100",
                                  options=["-q", "--option", option])
                self.assertEqual((0, b""), (run.status, run.err))
                process = run.trace.only_process()
                self.assertEqual((0, 1, 0), (process["dropped"], process["complete"],
                                             process["unknown_frees"]))
                (main,) = run.trace.sites("cancels_threads.c", function="main")
                self.assertEqual((100, 100), (main["allocations"], main["frees"]))
                (work,) = run.trace.sites("cancels_threads.c", function="work")
                mapped = int(run.out)
                self.assertGreaterEqual(work["allocations"], mapped)
                self.assertLessEqual(work["allocations"], mapped + 100)

    def test_sandboxed_programs(self):
        """A program that may not do what recording needs is not killed for that."""
        alone = self.run_alone(program("sandboxes_itself"))
        run = self.record(program("sandboxes_itself"), options=["-q"])
        self.assertEqual((6, b""), (alone.status, alone.err))
        self.assertEqual((6, alone.out), (run.status, run.out))
        self.assert_one_line(run, "seccomp")  # of the child
        process = run.trace.only_process()
        self.assertEqual(("exit:6", 0, 1), (process["end"], process["dropped"],
                                            process["complete"]))
        sums = {}
        for site in run.trace.sites("sandboxes_itself.c"):
            key = plain_name(site["function"])
            sums[key] = sums.get(key, 0) + site["allocations"]
        self.assertEqual({"main": 1, "descend": 20000, "run": 1}, sums)

    def test_helpers_killed_in_shared_memory(self):
        """Whatever they were recording: nobody waits for them."""
        run = self.record(program("kills_helpers"), options=["-q"])
        self.assertEqual((0, b"", b""), (run.status, run.out, run.err))
        process = run.trace.only_process()
        self.assertEqual((0, 1), (process["dropped"], process["complete"]))
        (site,) = run.trace.sites("kills_helpers.c", api="malloc")
        self.assertEqual((40000, 40000), (site["allocations"], site["frees"]))

    def test_other_preloaded_libraries_stay(self):
        other = program("first_plugin.so")
        run = self.run_alone("env", f"LD_PRELOAD={other}", MEMOIR, "run", "-q", "-o",
                             self.new_trace_path(), "--", "cat", "/proc/self/maps")
        if b"ASan runtime does not come first" in run.err:
            self.skipTest("nothing can be preloaded into a sanitized memoir")
        self.assertEqual((0, b""), (run.status, run.err))
        self.assertIn(os.fsencode(other), run.out)
        self.assertIn(b"libmemoir_preload.so", run.out)

    def test_memoir_under_memoir(self):
        outer, inner = self.new_trace_path(), self.new_trace_path()
        run = self.memoir("run", "-q", "-o", outer, "--", MEMOIR, "run", "-q", "-o", inner,
                          "--", program("ends"), "exit")
        if b"ASan runtime does not come first" in run.err:
            self.skipTest("a sanitized memoir cannot be recorded itself")
        self.assertEqual((11, b"at exit\n", b""), (run.status, run.out, run.err))
        process = self.open_trace(inner).processes()[0]
        self.assertEqual(("exit:11", 2, 1), (process["end"], process["allocations"],
                                             process["frees"]))
        self.assertEqual("exit:11", self.open_trace(outer).processes()[0]["end"])


if __name__ == "__main__":
    sys.exit(unittest.main())
