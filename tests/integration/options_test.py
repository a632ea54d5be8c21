#!/usr/bin/env python3
"""The figures do not depend on the runtime's options: tiny rings, few of them, a depot that
is too small, no libunwind. What is left out on request is left out, and counted."""
import os
import signal
import subprocess
import sys
import time
import unittest

from memoir_test import HUNG, MemoirTest, program


def sum_of(rows, *columns):
    return tuple(sum(row[column] for row in rows) for column in columns)


class OptionsTest(MemoirTest):
    def record_with(self, name, *options, status=0):
        words = ["-q"]
        for option in options:
            words += ["--option", option]
        run = self.record(program(name), options=words)
        self.assertEqual((status, b""), (run.status, run.err))
        return run.trace

    def check_exchange(self, trace):
        sites = trace.sites("exchange_blocks.cpp")
        self.assertEqual((64000, 63960, 32000 * 124, 40, 960), sum_of(
            sites, "allocations", "frees", "allocated_bytes", "live_blocks", "live_bytes"))
        self.assertEqual((40, 960), sum_of(trace.leaks("exchange_blocks.cpp"), "blocks",
                                           "bytes"))
        process = trace.only_process()
        self.assertEqual((0, 0), (process["dropped"], process["unknown_frees"]))

    def test_small_rings(self):
        """Threads wait for room all the time."""
        self.check_exchange(self.record_with("exchange_blocks", "ring_kib=4"))

    def test_few_rings(self):
        """Threads share what there is."""
        self.check_exchange(self.record_with("exchange_blocks", "max_threads=2",
                                             "ring_kib=16"))
        trace = self.record_with("many_threads", "max_threads=4")
        self.assertEqual((60600, 600), sum_of(trace.sites("many_threads.cpp"),
                                              "allocations", "live_blocks"))

    def test_full_depot(self):
        """Stacks are missing then; blocks are not."""
        trace = self.record_with("exact_lines", "depot_nodes=4")
        process = trace.only_process()
        self.assertEqual((1355, 1276, 79), tuple(process[column] for column in (
            "allocations", "frees", "live_blocks")))
        self.assertEqual((1355, 79), sum_of(trace.sites(), "allocations", "live_blocks"))
        self.assertEqual(1, process["stacks_cut"])
        whole = self.record_with("exact_lines").only_process()
        self.assertEqual(0, whole["stacks_cut"])

    def test_without_libunwind(self):
        for name, function, depth in (("recursion", "descend", 1000),
                                      ("longjmp_out", "right", 5)):
            trace = self.record_with(name, "libunwind=false")
            site = max(trace.sites(f"{name}.c", function=function),
                       key=lambda site: site["live_blocks"])
            self.assertEqual([function] * depth + ["main"],
                             trace.stack(site["stack"])[:depth + 1])

    def test_without_mappings(self):
        trace = self.record_with("mappings", "mappings=false")
        self.assertEqual([], trace.sites("mappings.c"))
        self.assertEqual({}, {api: count for api, count in trace.events_by_api().items()
                              if api in ("mmap", "munmap", "mremap", "brk", "sbrk")})

    def test_drops_are_counted_and_shown(self):
        process, path = self.start_recording(
            program("goes_on"), options=["--option", "drop_when_full=true", "--option",
                                         "ring_kib=4"], stdin=subprocess.PIPE)
        self.assertEqual(b"begun\n", process.stdout.readline())
        os.kill(process.pid, signal.SIGSTOP)
        process.stdin.write(b"\n")
        process.stdin.flush()
        # Nothing waits: the program ends while nobody reads its rings.
        self.assertEqual(b"999999000000\n", process.stdout.readline())
        time.sleep(0.1)
        os.kill(process.pid, signal.SIGCONT)
        process.communicate(timeout=HUNG)
        self.assertEqual(9, process.returncode)
        recorded = self.open_trace(path).only_process()
        self.assertGreater(recorded["dropped"], 3000000)
        report = self.memoir("report", path)
        self.assertEqual(0, report.status)
        self.assertRegex(report.out.decode(), "Dropped .* events lost")

    def test_options_from_the_environment(self):
        path = self.new_trace_path()
        run = self.run_alone("env", "MEMOIR_OPTIONS=mappings=false", os.environ["MEMOIR"],
                             "run", "-q", "-o", path, "--", program("mappings"))
        self.assertEqual((0, b""), (run.status, run.err))
        self.assertEqual([], self.open_trace(path).sites("mappings.c"))


if __name__ == "__main__":
    sys.exit(unittest.main())
