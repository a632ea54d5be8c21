#!/usr/bin/env python3
"""The programs of tests/faults with guard pages, for some blocks and for all: the same
faults are found, each of them once, though earlier and therefore by another name."""
import collections
import sys
import unittest

from faults_test import HERE, NO_GUARDS, Source
from memoir_test import MemoirTest, PROGRAMS

MODES = {"check": ("--mode", "check"), "guard": ("--mode", "guard")}
# What was found late is found at once. Of a slot that was used again in between, with its
# block elsewhere in it, it is not known that the address was a block's.
ALIKE = {"write_after_free": "use_after_free", "invalid_free": "double_free"}


class ModesTest(MemoirTest):
    def check(self, source, section, options):
        run = self.record(PROGRAMS / source.path.stem, *section.arguments,
                          options=["-q", *options])
        rows = run.trace.rows("SELECT * FROM faults")
        expected, found = collections.Counter(), collections.Counter()
        for fault in section.faults:
            expected[ALIKE.get(fault.kind(), fault.kind())] += 1
        for row in rows:
            found[ALIKE.get(row["kind"], row["kind"])] += 1
        self.assertEqual(expected, found, "\n".join(row["message"] for row in rows))
        told = sum(line.startswith("memoir: ") for line in run.error_lines())
        self.assertEqual(len(rows), told, run.err)
        # The kernel writes nothing at all where a page cannot be written to.
        if source.path.stem != "library_io":
            self.assertEqual(section.status, run.status, run.err)


def add_tests():
    for path in sorted([*HERE.glob("*.c"), *HERE.glob("*.cpp")]):
        source = Source(path)
        for section in source.sections:
            if tuple(section.options) != NO_GUARDS:
                continue
            for mode, options in MODES.items():
                name = "_".join(["test", path.stem, *section.arguments, "in", mode])

                def test(self, source=source, section=section, options=options):
                    self.check(source, section, options)

                setattr(ModesTest, name, test)


add_tests()

if __name__ == "__main__":
    sys.exit(unittest.main())
