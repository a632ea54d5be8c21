#!/usr/bin/env python3
"""A program that does wrong things to its heap at random, and keeps the books: what Memoir
finds must be what was done, each of it once, and nothing else. The program goes on."""
import collections
import os
import sys
import unittest

from memoir_test import HUNG, MemoirTest, program

OPERATIONS = int(os.environ.get("MEMOIR_TEST_OPERATIONS", 1_000_000))
FIRST_SEED = int(os.environ.get("MEMOIR_TEST_SEED", 1))

KINDS = {"heap_buffer_overflow": "overflow", "heap_buffer_underflow": "underflow",
         "double_free": "double_free", "invalid_free": "invalid_free",
         "alloc_dealloc_mismatch": "mismatch", "write_after_free": "write_after_free",
         "use_after_free": "write_after_free"}
# Some faults are found at a guard; all late or by libc's functions; most at a guard.
CHECK, GUARD = ("--mode", "check"), ("--mode", "guard")
WAYS = [CHECK, (*CHECK, "--option", "guard_first=0"), GUARD]
ROWS = """SELECT kind, count, block_address, block_size, offset, message FROM fault"""


class MisbehavesTest(MemoirTest):
    def check(self, seed, operations, faults, threads, reach, way=None):
        words = [str(word) for word in (seed, operations, faults, threads, reach)]
        # libunwind is opened by ld.so, which keeps what it knows of it on the heap that is
        # written over.
        run = self.record(program("misbehaves"), *words, timeout=HUNG, options=[
            "-q", "--option", "libunwind=false", *(way or WAYS[seed % len(WAYS)])])
        self.assertEqual(0, run.status, run.err[-2000:])
        done = collections.defaultdict(list)
        kinds_done, kinds_found = collections.Counter(), collections.Counter()
        for line in run.out.decode().splitlines():
            kind, address, size, first, last = line.split()
            done[kind, int(address), int(size)].append((int(first), int(last)))
            kinds_done[kind] += 1
        for row in run.trace.rows(ROWS):
            kind = KINDS.get(row["kind"])
            self.assertIsNotNone(kind, row["message"])
            kinds_found[kind] += row["count"]
            # The first of equal ones has been described.
            places = done[kind, row["block_address"], row["block_size"]]
            place = next((place for place in places
                          if place[0] <= row["offset"] <= place[1]), None)
            self.assertIsNotNone(place, f"never done: {row['message']} {row['block_address']}")
            places.remove(place)
        self.assertEqual(kinds_done, kinds_found)
        self.assertGreater(sum(kinds_done.values()), faults // 2)

    def test_several_at_a_time(self):
        for seed in range(FIRST_SEED, FIRST_SEED + 3):
            with self.subTest(seed=seed):
                self.check(seed, OPERATIONS // 4, 300, 1, "short")

    def test_long_overflows(self):
        for seed in range(FIRST_SEED, FIRST_SEED + 3):
            with self.subTest(seed=seed):
                self.check(seed, OPERATIONS // 8, 150, 1, "long")

    def test_long_overflows_one_soon_after_another(self):
        """What one has opened, another goes through."""
        for way in (CHECK, GUARD):
            for seed in range(FIRST_SEED, FIRST_SEED + 3):
                with self.subTest(seed=seed, way=way):
                    self.check(seed, OPERATIONS // 20, 150, 1, "long", way)

    def test_on_threads(self):
        for seed in range(FIRST_SEED, FIRST_SEED + 2):
            with self.subTest(seed=seed):
                self.check(seed, OPERATIONS // 4, 300, 3, "short")


if __name__ == "__main__":
    sys.exit(unittest.main())
