#!/usr/bin/env python3
"""A program that allocates at random keeps books of what it does; the trace must say the
same, function by function."""
import sys
import unittest

from memoir_test import MemoirTest, plain_name, program

COLUMNS = ("allocations", "frees", "allocated_bytes", "live_blocks", "live_bytes")


class BooksTest(MemoirTest):
    def check(self, threads, steps, seed, *options):
        run = self.record(program("keeps_books"), str(threads), str(steps), str(seed),
                          options=["-q", *options])
        self.assertEqual((0, b""), (run.status, run.err))
        *lines, last = [line.split() for line in run.out.decode().splitlines()]
        books = {name: [int(value) for value in values] for name, *values in lines}
        self.assertGreater(books["by_realloc"][0], steps * threads // 20)
        seen, leaks = {}, {}
        for site in run.trace.sites("keeps_books.cpp"):
            sums = seen.setdefault(plain_name(site["function"]), [0] * len(COLUMNS))
            for i, column in enumerate(COLUMNS):
                sums[i] += site[column]
        self.assertEqual(books, seen)
        for leak in run.trace.leaks("keeps_books.cpp"):
            sums = leaks.setdefault(plain_name(leak["function"]), [0, 0])
            sums[0] += leak["blocks"]
            sums[1] += leak["bytes"]
        self.assertEqual({name: values[3:] for name, values in books.items() if values[3]},
                         leaks)
        return run.trace, int(last[1])

    def test_one_thread(self):
        for seed in range(1, 4):
            with self.subTest(seed=seed):
                trace, peak = self.check(1, 30000, seed)
                # The C++ library's own pool is live all the time.
                others = trace.value("SELECT coalesce(sum(peak_bytes), 0) FROM sites WHERE "
                                     "file IS NULL OR file NOT LIKE '%keeps_books.cpp'")
                self.assertEqual(peak + others, trace.only_process()["peak_bytes"])

    def test_many_threads(self):
        for threads in (2, 8, 40):
            for seed in range(1, 3):
                with self.subTest(threads=threads, seed=seed):
                    self.check(threads, 80000 // threads, seed)

    def test_many_threads_in_small_rings(self):
        self.check(8, 10000, 5, "--option", "ring_kib=4")


if __name__ == "__main__":
    sys.exit(unittest.main())
