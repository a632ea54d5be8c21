#!/usr/bin/env python3
"""`memoir flame` writes what other programs read, and its costs are those of `memoir sites`."""
import json
import sys
import unittest
import xml.dom.minidom

from memoir_test import MemoirTest, program

COLUMNS = {"leaked": "live_bytes", "peak": "at_global_peak", "own-peak": "peak_bytes",
           "allocated": "allocated_bytes", "count": "allocations", "temporary": "temporary"}


class FlameTest(MemoirTest):
    def setUp(self):
        super().setUp()
        self.path = self.record(program("exact_lines"), options=["-q"]).trace.path

    def answer(self, *words):
        run = self.memoir(*words)
        self.assertEqual((0, b""), (run.status, run.err))
        return run.out.decode()

    def collapsed(self, *words):
        lines = self.answer("flame", *words, self.path).splitlines()
        return {way: int(cost) for way, cost in (line.rsplit(" ", 1) for line in lines)}

    def test_costs_are_those_of_sites(self):
        sites = json.loads(self.answer("sites", "--json", self.path))
        for cost, column in COLUMNS.items():
            ways = self.collapsed("--cost", cost)
            self.assertEqual(sum(site[column] for site in sites), sum(ways.values()), cost)
            by_function = {}
            for site in sites:
                by_function[site["function"]] = (by_function.get(site["function"], 0) +
                                                 site[column])
            found = {}
            for way, value in ways.items():
                name = way.split(";")[-1]
                found[name] = found.get(name, 0) + value
            self.assertEqual({n: v for n, v in by_function.items() if v}, found, cost)
            above = self.collapsed("--cost", cost, "--bottom-up")
            self.assertEqual(sum(ways.values()), sum(above.values()))
            self.assertEqual({";".join(reversed(way.split(";"))): value
                              for way, value in ways.items()}, above)

    def test_frames_of_allocators_on_request(self):
        self.path = self.record(program("operators"), options=["-q"]).trace.path
        self.assertEqual(sum(self.collapsed("--cost", "count").values()),
                         sum(self.collapsed("--cost", "count", "--all-frames").values()))

    def test_pictures_are_xml(self):
        for words in ([], ["--icicle"], ["--bottom-up"], ["--cost", "count"]):
            picture = self.answer("flame", "--format", "svg", *words, self.path)
            root = xml.dom.minidom.parseString(picture).documentElement
            self.assertEqual("svg", root.tagName)
            self.assertIn("main", picture)

    def test_wrong_options(self):
        run = self.memoir("flame", "--format", "gif", self.path)
        self.assertEqual(2, run.status)
        self.assert_one_line(run, "gif")


if __name__ == "__main__":
    sys.exit(unittest.main())
