#!/usr/bin/env python3
"""Libraries that several threads open and close all the time, often in each other's place:
nothing breaks, and every block belongs to the library that made it."""
import shutil
import sys
import unittest

from memoir_test import MemoirTest, program

RUNS = 30


class PluginsInARaceTest(MemoirTest):
    def test_libraries_come_and_go(self):
        plugins = [self.folder / f"plugin{i}.so" for i in range(4)]
        for i, plugin in enumerate(plugins):
            shutil.copy(program(("first", "second")[i % 2] + "_plugin.so"), plugin)
        for number in range(RUNS):
            with self.subTest(run=number):
                self.check_run(plugins)

    def check_run(self, plugins):
        run = self.record(program("plugins_in_a_race"), *plugins, options=["-q"])
        self.assertEqual((0, b""), (run.status, run.err))
        for i, plugin in enumerate(plugins):
            name, calls = (("first", 1000), ("second", 2000))[i % 2]
            sites = [site for site in run.trace.sites(module=str(plugin))
                     if site["api"] == "malloc"]
            self.assertEqual({f"{name}_allocates"}, {site["function"] for site in sites})
            self.assertEqual((calls, calls * 100 * (i % 2 + 1), 100), tuple(
                sum(site[column] for site in sites)
                for column in ("allocations", "allocated_bytes", "live_blocks")))
            for site in sites:
                frames = run.trace.stack(site["stack"])
                self.assertEqual([f"{name}_allocates", "work", "use_plugin"], frames[:3])
        for site in run.trace.sites("plugins_in_a_race.c", function="inner"):
            self.assertEqual(["inner", "outer", "keep_busy"],
                             run.trace.stack(site["stack"])[:3])
            self.assertEqual(0, site["live_blocks"])


if __name__ == "__main__":
    sys.exit(unittest.main())
