#!/usr/bin/env python3
"""Signals in check mode: a handler of Memoir's stands before the program's, which does not
notice; and what is damaged is found when a signal ends the process, too."""
import signal
import sys
import unittest

from memoir_test import MemoirTest, SOURCES, program

PROFILE = ["-q", "--mode", "profile"]
CHECK = ["-q"]

# Those that end a process.
FATAL = [signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT,
         signal.SIGTRAP, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT,
         signal.SIGPIPE, signal.SIGALRM, signal.SIGUSR1, signal.SIGXCPU]


class SignalsTest(MemoirTest):
    def faults(self, run):
        return run.trace.rows("SELECT * FROM faults")

    def test_the_program_does_not_notice(self):
        alone = self.run_alone(program("owns_its_signals"))
        self.assertEqual((0, b""), (alone.status, alone.out))
        for options in (PROFILE, CHECK):
            with self.subTest(str(options)):
                run = self.record(program("owns_its_signals"), options=options)
                self.assertEqual((0, b"", b""), (run.status, run.out, run.err))
                self.assertEqual([], self.faults(run))

    def test_damage_is_found_when_a_signal_ends_the_process(self):
        for number in FATAL:
            for more in ([], ["raises"]):
                with self.subTest(f"{number.name} {more}"):
                    command = [program("dies_of_signals"), str(int(number)), *more]
                    alone = self.run_alone(*command)
                    run = self.record(*command, options=CHECK)
                    self.assertEqual((-number, alone.out), (alone.status, run.out))
                    self.assertEqual(alone.status, run.status)
                    (fault,) = self.faults(run)
                    self.assertEqual(
                        ("heap_buffer_overflow", "write", 100, "main"),
                        tuple(fault[column] for column in
                              ("kind", "access", "block_size", "function")))
                    self.assertEqual(f"signal:{int(number)}",
                                     run.trace.only_process()["end"])

    def test_damage_is_found_when_a_handler_of_abort_returns(self):
        command = [program("dies_of_signals"), str(int(signal.SIGABRT)), "returns"]
        run = self.record(*command, options=CHECK)
        self.assertEqual((-signal.SIGABRT, b"handled\n"), (run.status, run.out))
        self.assertEqual(1, len(self.faults(run)))

    def test_guards_wherever_they_are_touched(self):
        for method in ("guard_install=1", "guard_install=0"):
            with self.subTest(method):
                run = self.record(program("touches_guards"),
                                  options=[*CHECK, "--option", method])
                self.assertEqual((0, b"went on\n"), (run.status, run.out))
                source = (SOURCES / "touches_guards.c").read_text().splitlines()
                lines = [i for i, line in enumerate(source, 1) if "FAULT:" in line]
                found = set()
                for fault in self.faults(run):
                    self.assertEqual(
                        ("heap_buffer_overflow", "read", 1, 200000, 1),
                        tuple(fault[column] for column in
                              ("kind", "access", "size", "block_size", "count")))
                    rows = run.trace.rows(
                        "SELECT line FROM stack_frames WHERE stack = ?", fault["stack"])
                    found |= {row["line"] for row in rows} & set(lines)
                self.assertEqual(set(lines), found)
                self.assertEqual(5, len(self.faults(run)))


if __name__ == "__main__":
    sys.exit(unittest.main())
