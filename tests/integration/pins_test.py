#!/usr/bin/env python3
"""A second run with the first one's trace stops at the instruction that did it."""
import sys
import unittest

import breakpoints
from memoir_test import MemoirTest, program


class PinsTest(MemoirTest):
    def faults(self, run):
        return run.trace.rows("SELECT * FROM faults")

    def run_twice(self, *how, method="guard_install=1"):
        """The faults of a run without guards, and of one that guards what it blames."""
        command = [program("spoils_one_block"), *how]
        first = self.record(*command, options=["-q", "--mode", "check", "--option",
                                               "guard_first=0"])
        second = self.record(*command, options=["-q", "--pin", first.trace.path,
                                                "--option", method])
        self.assertEqual((0, 0), (first.status, second.status))
        return self.faults(first), second, self.faults(second)

    def test_writes(self):
        wanted = {"over": ("heap_buffer_overflow", "heap_buffer_overflow", 13),
                  "under": ("heap_buffer_underflow", "heap_buffer_underflow", -1),
                  "freed": ("write_after_free", "use_after_free", 5)}
        for method in ("guard_install=0", "guard_install=1"):
            for how, (late, at_once, offset) in wanted.items():
                with self.subTest(f"{how} {method}"):
                    (found,), run, (caught,) = self.run_twice(how, method=method)
                    self.assertEqual(late, found["kind"])
                    self.assertEqual(
                        (at_once, "write", 1, 13, offset, "spoil"),
                        tuple(caught[column] for column in ("kind", "access", "size",
                              "block_size", "offset", "function")))
                    self.assertEqual(["spoil", "main"],
                                     run.trace.stack(caught["stack"])[:2])
                    self.assertEqual(1, run.trace.value("SELECT pinned FROM fault"))

    def test_reads_at_a_place_that_is_known_for_a_write(self):
        for write, read, offset in (("over", "read-over", 13), ("under", "read-under", -1)):
            with self.subTest(read):
                (found,), run, faults = self.run_twice(read, write)
                self.assertEqual("write", found["access"])
                accesses = {fault["access"]: fault["offset"] for fault in faults}
                self.assertEqual({"write": offset, "read": offset}, accesses)

    def test_a_program_that_cleans_its_environment(self):
        for option in ("pin_with=guard", "pin_with=auto"):
            with self.subTest(option):
                (found,), _, (caught,) = self.run_twice("cleaned", "over", method=option)
                self.assertEqual((1, 0), (found["late"], caught["late"]))

    def test_breakpoints_that_are_refused(self):
        command = [program("spoils_one_block"), "over"]
        first = self.record(*command, options=["-q", "--option", "guard_first=0"])
        second = self.record(*command, options=["-q", "--pin", first.trace.path, "--option",
                                                "pin_with=breakpoint"],
                             preexec_fn=breakpoints.forbid)
        said = [line for line in second.error_lines() if "--pin" in line]
        self.assertEqual(["memoir: --pin: no breakpoints (perf_event_open: Operation not "
                          "permitted): there are guard pages in their place"], said)
        (caught,) = self.faults(second)
        self.assertEqual((0, 1), (caught["late"], caught["guarded"]))

    def test_a_trace_that_blames_nothing(self):
        run = self.record(program("ends"), "exit", options=["-q", "--mode", "check"])
        again = self.memoir("run", "--pin", run.trace.path, "--", program("ends"), "exit")
        self.assertEqual(2, again.status)
        self.assert_one_line(again, "blames no call site")


if __name__ == "__main__":
    sys.exit(unittest.main())
