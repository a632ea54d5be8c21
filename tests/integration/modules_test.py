#!/usr/bin/env python3
"""Libraries that come and go, and programs without symbols."""
import shutil
import sys
import unittest

from memoir_test import PRELOAD_LIBRARY, MemoirTest, clean_environment, program


class ModulesTest(MemoirTest):
    def test_closed_libraries_stay_known(self):
        first, second = program("first_plugin.so"), program("second_plugin.so")
        run = self.record(program("opens_plugins"), first, second, first)
        self.assertEqual(0, run.status)
        bases = run.out.split()
        self.assertEqual(3, len(bases))
        if len(set(bases)) == 3:
            print("note: the loader reused no address, so half of this test is idle")
        for name, size, count in (("first", 100, 20), ("second", 200, 20)):
            sites = run.trace.sites(f"{name}_plugin.c")
            self.assertEqual({f"{name}_allocates"}, {site["function"] for site in sites})
            self.assertEqual(count, sum(site["allocations"] for site in sites))
            self.assertEqual(count * size, sum(site["allocated_bytes"] for site in sites))
            for site in sites:
                frames = run.trace.stack(site["stack"])
                self.assertEqual([f"{name}_allocates", "work", "main"], frames[:3])
                self.assertEqual(str(program(f"{name}_plugin.so")), site["module"])
        leaks = {leak["function"]: (leak["blocks"], leak["bytes"])
                 for leak in run.trace.leaks() if leak["function"].endswith("_allocates")}
        self.assertEqual({"first_allocates": (2, 200), "second_allocates": (1, 200)}, leaks)

    def test_functions_chosen_before_the_libraries_are_ready(self):
        plugin = program("resolves_early_plugin.so")
        run = self.record("env", "-i", "LD_BIND_NOW=1", f"LD_PRELOAD={plugin}", "true",
                          options=["-q"])
        self.assertEqual((0, b"answer 2"), (run.status, run.err))

    def test_thousand_times(self):
        plugins = [self.folder / f"plugin{i}.so" for i in range(2)]
        for plugin in plugins:
            shutil.copy(program("constructs_plugin.so"), plugin)
        run = self.record(program("reopens_plugins"), *plugins, options=["-q"])
        self.assertEqual((0, b"", b""), (run.status, run.out, run.err))
        for plugin in plugins:
            sums = {}
            for site in run.trace.sites(module=str(plugin)):
                found = sums.setdefault(site["function"], [0, 0, 0])
                for i, column in enumerate(("allocations", "allocated_bytes", "live_blocks")):
                    found[i] += site[column]
            self.assertEqual({"construct": [1000, 64000, 0], "destruct": [1000, 32000, 0],
                              "work": [1, 16, 1]}, sums)
        process = run.trace.only_process()
        self.assertEqual((0, 1), (process["dropped"], process["complete"]))

    def test_library_that_begins_earlier_and_ends_later(self):
        """Preloaded behind Memoir, which then begins after it, and before it."""
        early = program("early_plugin.so")
        alone = self.run_alone(program("ends"), "exit", env=clean_environment(LD_PRELOAD=early))
        for preload in (early, f"{early}:{PRELOAD_LIBRARY}"):
            with self.subTest(str(preload)):
                run = self.record("env", f"LD_PRELOAD={preload}", program("ends"), "exit",
                                  options=["-q"])
                self.assertEqual((alone.status, alone.out, b""),
                                 (run.status, run.out, run.err))
                sums = {site["function"]: (site["allocations"], site["allocated_bytes"],
                                           site["live_blocks"])
                        for site in run.trace.sites("early_plugin.c")}
                self.assertEqual({"early_constructor": (7, 4900, 6),
                                  "late_destructor": (1, 800, 1)}, sums)

    def test_stripped_program_shows_offsets(self):
        run = self.record(program("stripped"))
        self.assertEqual(0, run.status)
        sites = [site for site in run.trace.sites() if site["min_size"] == 321]
        self.assertEqual((4, 4, 4 * 321), tuple(
            sum(site[column] for site in sites)
            for column in ("allocations", "live_blocks", "live_bytes")))
        self.assertEqual(1, len({site["function"] for site in sites}))
        site = sites[0]
        self.assertRegex(site["function"], r"^stripped\+0x[0-9a-f]+$")
        self.assertEqual(str(program("stripped")), site["module"])
        self.assertIsNone(site["line"])
        frames = run.trace.rows(
            "SELECT * FROM stack_frames WHERE stack = ? ORDER BY depth", site["stack"])
        own = [frame["function"] for frame in frames
               if frame["module"] == str(program("stripped"))]
        self.assertEqual(3, len(own), own)  # lose, main, _start
        # The offset is a place in the file: within it lies the call.
        offset = int(site["function"].split("+")[1], 16)
        text = self.run_alone("objdump", "-d", "--no-show-raw-insn",
                              f"--start-address={offset - 5}", f"--stop-address={offset + 1}",
                              program("stripped"))
        self.assertIn(b"malloc@plt", text.out)

    def test_stripped_copy_is_named_by_its_debug_file_only_if_there(self):
        """The same program, stripped by a tool, beside itself with symbols."""
        copy = self.folder / "recursion"
        self.assertEqual(0, self.run_alone("strip", "-o", copy, program("recursion")).status)
        run = self.record(copy)
        self.assertEqual(0, run.status)
        (site,) = [site for site in run.trace.sites() if site["live_bytes"] == 50]
        self.assertRegex(site["function"], r"^recursion\+0x")
        depth = run.trace.value("SELECT count(*) FROM stack_frames WHERE stack = ? AND "
                                "module = ?", site["stack"], str(copy))
        self.assertEqual(1000 + 2, depth)  # main and _start


if __name__ == "__main__":
    sys.exit(unittest.main())
