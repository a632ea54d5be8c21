#!/usr/bin/env python3
"""`memoir diff` says what changed from one recording to another, and agrees with what the
other commands say of each."""
import csv
import io
import json
import sys
import unittest

from memoir_test import MemoirTest, program


class DiffTest(MemoirTest):
    def answer(self, *words):
        run = self.memoir(*words)
        self.assertEqual((0, b""), (run.status, run.err))
        return run.out.decode()

    def diff(self, *words):
        return json.loads(self.answer("diff", "--json", *words))

    def trace_of(self, name, *words):
        return self.record(program(name), *words, options=["-q"]).trace.path

    def test_the_same_is_no_difference(self):
        trace = self.trace_of("exact_lines")
        self.assertEqual([], self.diff(trace, trace))
        # Another run of the same program, too.
        self.assertEqual([], self.diff(trace, self.trace_of("exact_lines")))
        self.assertIn("none changed", self.answer("diff", trace, trace))

    def test_what_changed(self):
        """The last of these images leaks 10 bytes, the one before it 20 more."""
        old, new = self.trace_of("execs_itself", "1"), self.trace_of("execs_itself", "2")
        rows = self.diff(old, new)
        total = {}
        for path in (old, new):
            total[path] = sum(leak["bytes"] for leak in
                              json.loads(self.answer("leaks", "--json", path)))
        self.assertEqual(total[new] - total[old], sum(row["delta"] for row in rows))
        self.assertTrue(rows)
        for row in rows:
            self.assertEqual(row["new"] - row["old"], row["delta"])
        back = self.diff(new, old)
        self.assertEqual(sorted((row["function"], -row["delta"]) for row in rows),
                         sorted((row["function"], row["delta"]) for row in back))

    def test_every_figure_is_that_of_sites(self):
        old, new = self.trace_of("exact_lines"), self.trace_of("execs_itself", "1")
        columns = {"leaked": "live_bytes", "peak": "at_global_peak", "own-peak": "peak_bytes",
                   "allocated": "allocated_bytes", "count": "allocations",
                   "temporary": "temporary"}
        for sort, column in columns.items():
            rows = self.diff("--sort", sort, old, new)
            for path, side in ((old, "old"), (new, "new")):
                sites = json.loads(self.answer("sites", "--json", path))
                by_function = {}
                for site in sites:
                    key = (site["function"], site["module"])
                    by_function[key] = by_function.get(key, 0) + site[column]
                for row in rows:
                    if row[side]:
                        self.assertEqual(by_function[row["function"], row["module"]],
                                         row[side], (sort, row))
                self.assertEqual(sum(by_function.values()), sum(row[side] for row in rows))
            for row in rows:
                self.assertIn(row["change"], ("new", "gone", "grown", "shrunk"))

    def test_formats_agree(self):
        old, new = self.trace_of("exact_lines"), self.trace_of("execs_itself", "1")
        rows = self.diff(old, new)
        table = list(csv.DictReader(io.StringIO(self.answer("diff", "--csv", old, new))))
        self.assertEqual([(row["function"], str(row["delta"])) for row in rows],
                         [(row["function"], row["delta"]) for row in table])
        self.assertEqual(rows[:1], self.diff("--top", "1", old, new))
        shown = self.answer("diff", "--top", "1", old, new)
        self.assertIn(rows[0]["change"], shown)
        for line in shown.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_what_cannot_be_compared(self):
        trace = self.trace_of("exact_lines")
        run = self.memoir("diff", trace, self.folder / "none.memoir")
        self.assertEqual(4, run.status)
        self.assert_one_line(run, "none.memoir")
        run = self.memoir("diff", trace)
        self.assertEqual(2, run.status)
        self.assert_one_line(run, "NEW")


if __name__ == "__main__":
    sys.exit(unittest.main())
