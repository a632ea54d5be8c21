#!/usr/bin/env python3
"""A damaged trace is refused in one line, or answered as far as it can be: no command
crashes on it. (fuzz.trace_damage asks far more damaged traces, without the commands.)"""
import random
import sys
import unittest

from memoir_test import MemoirTest, program

COMMANDS = (["report"], ["report", "--json"], ["leaks"], ["sites", "--csv"], ["faults"],
            ["pools"], ["flame", "--format", "svg"], ["diff"],
            ["sql", "select count(*), sum(size) from events"])
ROUNDS = 90


class DamagedTest(MemoirTest):
    def test_no_command_crashes(self):
        whole = self.record(program("exact_lines"), options=["-q"]).trace.path
        pristine = whole.read_bytes()
        damaged = self.folder / "damaged.memoir"
        chance = random.Random(11)
        refused = 0
        for number in range(ROUNDS):
            content = bytearray(pristine)
            for _ in range(chance.randrange(1, 30)):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            if number % 9 == 8:
                del content[chance.randrange(len(content)):]
            damaged.write_bytes(content)
            command = COMMANDS[number % len(COMMANDS)]
            words = [command[0], damaged, *command[1:]]
            if command[0] == "diff":
                words.append(whole)
            run = self.memoir(*words)
            self.assertIn(run.status, (0, 4), (number, command, run.err))
            self.assertLessEqual(len(run.error_lines()), 1, (number, command, run.err))
            refused += run.status == 4
        self.assertTrue(0 < refused < ROUNDS, refused)


if __name__ == "__main__":
    sys.exit(unittest.main())
