#!/usr/bin/env python3
"""Blocks that change threads as fast as they can never look like leaks.

MEMOIR_RACE_RUNS says how often each program runs: 10 unless told, 100 for the nightly
check of the promise.
"""
import os
import sys
import unittest

from memoir_test import MemoirTest, clean_environment, plain_name, program

RUNS = int(os.environ.get("MEMOIR_RACE_RUNS", "10"))


class RacesTest(MemoirTest):
    def check(self, name, sites):
        """Runs a program; sites: allocations by function."""
        for number in range(RUNS):
            with self.subTest(name, run=number):
                # Every other run is without glibc's caches of each thread, so that freed
                # blocks go back to where all threads take them from.
                tunables = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
                env = clean_environment(**(tunables if number % 2 == 0 else {}))
                run = self.record(program(name), options=["-q"], env=env)
                self.assertEqual((0, b""), (run.status, run.err))
                file = next(f"{name}{end}" for end in (".c", ".cpp")
                            if run.trace.sites(f"{name}{end}"))
                self.assertEqual([], run.trace.leaks(file))
                seen = {}
                for site in run.trace.sites(file):
                    self.assertEqual((site["allocations"], 0, 0),
                                     (site["frees"], site["live_blocks"],
                                      site["live_bytes"]), site)
                    function = plain_name(site["function"])
                    seen[function] = seen.get(function, 0) + site["allocations"]
                self.assertEqual(sites, seen)
                process = run.trace.only_process()
                others = run.trace.value("SELECT coalesce(sum(blocks), 0) FROM leaks")
                self.assertEqual((others, 0, 0), (
                    process["live_blocks"], process["dropped"], process["unknown_frees"]))

    def test_block_freed_here_is_reused_there(self):
        self.check("reuses_at_once", {"churn": 8 * 20000, "pass_on": 8 * 5000})

    def test_realloc_races_with_malloc(self):
        self.check("reallocs_in_a_race", {"grow_and_shrink": 4 * 5000 * 6,
                                          "snatch": 4 * 20000})


if __name__ == "__main__":
    sys.exit(unittest.main())
