#!/usr/bin/env python3
"""A C program that opens a C++ plugin: its exceptions go where they go without Memoir."""
import sys
import unittest

from memoir_test import PRELOAD_LIBRARY, MemoirTest, program


class ExceptionsTest(MemoirTest):
    def test_plugin_throws_through_its_own_unwinder(self):
        command = [program("plugin_throws"), program("exceptions_plugin.so")]
        alone = self.run_alone(*command)
        run = self.record(*command, options=["-q"])
        self.assertEqual((0, b""), (alone.status, alone.err))
        self.assertEqual((alone.status, alone.out, b""), (run.status, run.out, run.err))
        self.assertEqual(b"libgcc_s.so.1", run.out.split()[1])
        thrown = [site for site in run.trace.sites()
                  if site["function"].startswith("__cxa_allocate_exception")]
        self.assertEqual((2000, 2000), (sum(site["allocations"] for site in thrown),
                                        sum(site["frees"] for site in thrown)))

    def test_cxx_program_throws_as_before(self):
        run = self.record(program("thrown_through"))
        self.assertEqual(0, run.status)
        thrown = [site for site in run.trace.sites()
                  if site["function"].startswith("__cxa_allocate_exception")]
        self.assertEqual(200, sum(site["allocations"] for site in thrown))
        self.assertEqual(0, sum(site["live_blocks"] for site in thrown))

    def test_preload_library_needs_no_unwinder(self):
        """Nothing it is linked with could stand in front of the program's own."""
        listed = self.run_alone("readelf", "--dynamic", "--wide", PRELOAD_LIBRARY)
        self.assertEqual(0, listed.status)
        for name in (b"libunwind", b"libgcc", b"libstdc++"):
            self.assertNotIn(name, listed.out)


if __name__ == "__main__":
    sys.exit(unittest.main())
