#!/usr/bin/env python3
"""How processes begin and end: exit statuses, signals, exec, fork, children, daemons."""
import signal
import struct
import sys
import unittest

from memoir_test import MemoirTest, program

WAYS_TO_END = {  # argument: status as subprocess has it, what the trace says
    "exit": (11, "exit:11"), "_exit": (12, "exit:12"), "_Exit": (13, "exit:13"),
    "quick_exit": (14, "exit:14"), "return": (15, "exit:15"),
    "abort": (-signal.SIGABRT, "signal:6"), "segfault": (-signal.SIGSEGV, "signal:11"),
    "trap": (-signal.SIGILL, "signal:4"), "kill": (-signal.SIGKILL, "signal:9"),
    "term": (-signal.SIGTERM, "signal:15"), "fpe": (-signal.SIGFPE, "signal:8"),
    # With handlers of its own: they end it, or return and let it end.
    "own_segfault": (61, "exit:61"), "own_term": (65, "exit:65"),
    "own_fpe": (-signal.SIGFPE, "signal:8"), "own_abort": (-signal.SIGABRT, "signal:6"),
}


class ProcessLifeTest(MemoirTest):
    def test_every_way_to_end(self):
        for way, (status, end) in WAYS_TO_END.items():
            with self.subTest(way):
                alone = self.run_alone(program("ends"), way)
                run = self.record(program("ends"), way, options=["-q"])
                self.assertEqual((status, b""), (alone.status, alone.err))
                self.assertEqual((status, alone.out, b""), (run.status, run.out, run.err))
                process = run.trace.only_process()
                self.assertEqual(end, process["end"])
                self.assertEqual((2, 1, 300, 1, 100), tuple(process[column] for column in (
                    "allocations", "frees", "allocated_bytes", "live_blocks", "live_bytes")))

    def test_uncaught_exception(self):
        for way in ("main", "thread", "noexcept"):
            with self.subTest(way):
                alone = self.run_alone(program("throws_out"), way)
                run = self.record(program("throws_out"), way, options=["-q"])
                self.assertEqual(-signal.SIGABRT, alone.status)
                self.assertEqual((alone.status, alone.out, alone.err),
                                 (run.status, run.out, run.err))
                process = run.trace.only_process()
                self.assertEqual(("signal:6", 1), (process["end"], process["complete"]))
                (site,) = run.trace.sites("throws_out.cpp", allocations=50)
                self.assertEqual((5000, 50), (
                    site["allocated_bytes"], site["live_blocks"]))

    def test_threads_still_running_at_the_end(self):
        for way in ("return", "_exit", "kill"):
            with self.subTest(way):
                counts = self.folder / f"counts_{way}"
                run = self.record(program("leaves_threads_running"), counts, way,
                                  options=["-q"])
                self.assertEqual({"return": 4, "_exit": 5, "kill": -9}[way], run.status)
                numbers = struct.unpack("5Q", counts.read_bytes())
                process = run.trace.only_process()
                self.assertEqual((0, 1, 0), (process["dropped"], process["complete"],
                                             process["unknown_frees"]))
                made = {}
                for row in run.trace.select(
                        "select thread, count(*) as n from events where api = 'calloc' and "
                        "size = 48 group by thread"):
                    made[row["thread"]] = row["n"]
                # Cut off anywhere: a block at most was made and not counted yet.
                self.assertEqual(5, len(made))
                for counted, recorded in zip(sorted(numbers), sorted(made.values())):
                    self.assertIn(recorded, (counted, counted + 1))

    def test_exec_is_one_process_per_image(self):
        run = self.record(program("execs_itself"), "3")
        self.assertEqual(5, run.status)
        processes = run.trace.processes()
        self.assertEqual(["exec", "exec", "exec", "exit:5"], [p["end"] for p in processes])
        self.assertEqual(1, len({p["pid"] for p in processes}))
        self.assertEqual([4, 3, 2, 1], [p["live_blocks"] for p in processes])
        self.assertEqual([40, 30, 20, 10], [p["live_bytes"] for p in processes])
        self.assertEqual(["3", "2", "1", "0"], [p["command"].split()[-1] for p in processes])

    def test_fork_without_exec(self):
        run = self.record(program("forks"))
        self.assertEqual(7, run.status)
        processes = run.trace.processes()
        self.assertEqual(["exit:7", "exit:4", "exit:3"], [p["end"] for p in processes])
        parent, child, grandchild = processes
        self.assertEqual((parent["pid"], child["pid"]),
                         (child["parent_pid"], grandchild["parent_pid"]))
        lost = {1: [], 2: [], 3: []}
        for site in run.trace.sites("forks.c", function="lose"):
            lost[site["process"]].append((site["live_blocks"], site["live_bytes"]))
        self.assertEqual({1: [(1, 10), (1, 10)], 2: [(4, 160), (6, 360)], 3: [(2, 40)]},
                         {process: sorted(sites) for process, sites in lost.items()})
        # Blocks of the parent's that the child frees are no blocks of the child's.
        (inherited,) = run.trace.sites("forks.c", min_size=1000)
        self.assertEqual((1, 1, 1), (inherited["process"], inherited["allocations"],
                                     inherited["frees"]))
        for busy in run.trace.sites("forks.c", function="keep_busy"):
            self.assertEqual((1, 0), (busy["process"], busy["live_blocks"]))

    def test_children_of_a_shell(self):
        script = self.folder / "script"
        script.write_text("#!/bin/bash\n"
                          f"{program('ends')} exit\n"
                          f"{program('ends')} _exit | cat\n"
                          f"( {program('ends')} kill )\n"
                          "exit 33\n")
        script.chmod(0o755)
        alone = self.run_alone(script)
        run = self.record(script)
        self.assertEqual((33, alone.out), (run.status, run.out))
        processes = run.trace.processes()
        shell = processes[0]
        self.assertEqual("exit:33", shell["end"])
        self.assertIn("bash", shell["executable"])
        ends = {}
        for process in processes:
            if process["executable"] == str(program("ends")):
                ends[process["command"].split()[-1]] = process
        self.assertEqual({"exit": "exit:11", "_exit": "exit:12", "kill": "signal:9"},
                         {way: process["end"] for way, process in ends.items()})
        for process in ends.values():
            self.assertEqual((2, 1, 100), (process["allocations"], process["frees"],
                                           process["live_bytes"]))
        pids = {process["pid"] for process in processes}
        for process in processes[1:]:
            self.assertIn(process["parent_pid"], pids)
        self.assertEqual(1, len([p for p in processes if p["command"] == "cat"]))
        self.assertNotIn("running", run.trace.ends())

    def test_daemon_closes_every_descriptor(self):
        run = self.record(program("daemon_closes_all"))
        self.assertEqual(0, run.status)
        for i in range(20):
            letter = chr(ord("a") + i)
            content = (self.folder / f"file{letter}").read_bytes()
            self.assertEqual(((letter * 31) + "\n").encode() * 100, content)
        process = run.trace.only_process()
        self.assertEqual((2001, 1981, 20, 640), tuple(process[column] for column in (
            "allocations", "frees", "live_blocks", "live_bytes")))
        self.assertEqual("exit:0", process["end"])

    def test_no_child_that_the_program_does_not_know(self):
        run = self.record(program("waits_for_any_child"))
        self.assertEqual((0, b"1"), (run.status, run.out))
        self.assertEqual(["exit:0", "exit:6"], run.trace.ends())

    def test_threads_have_names_and_times(self):
        trace = self.record(program("names_threads")).trace
        threads = trace.rows("SELECT * FROM threads ORDER BY thread")
        self.assertEqual(["names_threads", "by-pthread", "by-prctl", "by-another"],
                         [thread["name"] for thread in threads])
        process = trace.only_process()
        self.assertEqual(process["pid"], threads[0]["tid"])
        self.assertEqual(4, len({thread["tid"] for thread in threads}))
        for before, thread in zip(threads[1:], threads[2:]):
            self.assertLess(before["ended"], thread["started"])
            self.assertLess(thread["started"], thread["ended"])
            self.assertLess(thread["ended"], process["ended"])

    def test_environment_and_descriptors_are_the_programs_own(self):
        """What a child sees beside LD_PRELOAD and our own variables is unchanged."""
        def kept(run):
            return [line for line in run.out.splitlines()
                    if not line.startswith((b"LD_PRELOAD=", b"MEMOIR"))]

        command = ["/bin/sh", "-c", "ls -l /proc/self/fd | wc -l; env | sort"]
        self.assertEqual(kept(self.run_alone(*command)), kept(self.record(*command)))


if __name__ == "__main__":
    sys.exit(unittest.main())
