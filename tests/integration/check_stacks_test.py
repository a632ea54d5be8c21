#!/usr/bin/env python3
"""The option check_stacks: every recorded stack is what libunwind says."""
import re
import unittest

from memoir_test import MemoirTest, program

COMPARED = re.compile(rb"^memoir: (\d+) stacks compared with libunwind's, (\d+) differ$",
                      re.MULTILINE)

# Programs of ours with unusual stacks, and what they need to end.
PROGRAMS = ["alloca_frames", "callbacks", "coroutine", "inlined", "longjmp_out",
            "many_threads", "no_frame_pointer", "recursion", "signal_stack",
            "signals_everywhere", "stacks_fuzz", "static_destructors", "stripped", "thrown_through",
            "walks_at_random"]

REAL_PROGRAMS = [
    ("sqlite3", ":memory:", "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
     "WHERE x < 3000) SELECT count(*) FROM c GROUP BY x % 7"),
    ("jq", "-n", "[range(3000)] | map({a: tostring}) | sort_by(.a) | length"),
    ("python3", "-c", "import json, re; json.loads(json.dumps([{'a': i} for i in range(999)]))"),
    ("git", "--version"),
    ("cmake", "--version"),
]


class CheckStacksTest(MemoirTest):
    def check(self, *command):
        run = self.record(*command, options=["-q", "--option", "check_stacks=1"])
        said = COMPARED.search(run.err)
        self.assertIsNotNone(said, run.err)
        compared, different = int(said.group(1)), int(said.group(2))
        self.assertEqual(0, different, run.err.decode(errors="replace"))
        # All but those that a signal interrupted.
        self.assertGreater(compared, run.trace.value("SELECT sum(allocations) FROM processes") / 2)

    def test_programs_with_unusual_stacks(self):
        for name in PROGRAMS:
            with self.subTest(name):
                self.check(program(name))

    def test_real_programs(self):
        for command in REAL_PROGRAMS:
            with self.subTest(command[0]):
                self.check(*command)

    def test_nothing_is_said_without_the_option(self):
        run = self.record(program("recursion"), options=["-q"])
        self.assertEqual(b"", run.err)


if __name__ == "__main__":
    unittest.main()
