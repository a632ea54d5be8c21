#!/usr/bin/env python3
"""Every one of thousands of stacks is whole: frames of all kinds in random order, with
exceptions thrown through them."""
import sys
import unittest

from memoir_test import MemoirTest, plain_name, program

KINDS = ["plain", "sized", "catching", "searching"]


def path_of(size):
    """The calls that a block's size tells of, innermost first."""
    calls = []
    while size > 1:
        calls.append(KINDS[size % 4])
        size //= 4
    return calls


class StacksTest(MemoirTest):
    def frames(self, trace):
        """The frames of each stack that stand in the program itself."""
        stacks = {}
        for row in trace.db.execute(
                "SELECT stack, function FROM stack_frames WHERE skip = 0 AND file LIKE "
                "'%/tests/programs/%' ORDER BY stack, depth"):
            stacks.setdefault(row["stack"], []).append(plain_name(row["function"]))
        return stacks

    def check_walk(self, *options):
        run = self.record(program("walks_at_random"), options=["-q", *options])
        self.assertEqual((0, b""), (run.status, run.err))
        sites = [site for site in run.trace.sites("walks_at_random.cpp", api="malloc")]
        self.assertGreater(len(sites), 1000)
        stacks = self.frames(run.trace)
        for site in sites:
            # One stack, one path; where it was reached by catching, step() is left out.
            self.assertEqual(site["min_size"], site["max_size"], site)
            calls = path_of(site["min_size"])
            wanted = ["allocate", "step"]
            for kind in calls:
                wanted += ["compare"] if kind == "searching" else []
                wanted += [kind, "step"]
            wanted += ["run"]
            seen = stacks[site["stack"]]
            if seen[1:2] == ["catching"]:
                wanted.remove("step")
            self.assertEqual(wanted, seen)
        self.assertEqual(0, sum(site["live_blocks"] for site in sites))

    def test_random_walks(self):
        self.check_walk()

    def test_random_walks_without_libunwind(self):
        self.check_walk("--option", "libunwind=false")


if __name__ == "__main__":
    sys.exit(unittest.main())
