#!/usr/bin/env python3
"""How many blocks stood between guard pages, and by which method, as `memoir run` says."""
import re
import sys
import unittest

from memoir_test import MemoirTest, program


class GuardsTest(MemoirTest):
    def guards(self, *options):
        """What the last line of a run says of guards."""
        run = self.record(program("ends"), "exit", options=options)
        words = run.error_lines()[-1].split(", ")
        return [word.removeprefix("memoir: ") for word in words if "guard" in word]

    def test_what_the_last_line_says(self):
        for mode in ("check", "guard"):
            (said,) = self.guards("--mode", mode)
            self.assertRegex(said, r"^\d+ blocks between guard pages( \(mappings\))?$")
            (said,) = self.guards("--mode", mode, "--option", "guard_install=0")
            self.assertRegex(said, r"^\d+ blocks between guard pages \(mappings\)$")
        self.assertEqual([], self.guards("--mode", "check", "--option", "guard_first=0"))
        self.assertEqual([], self.guards("--mode", "profile"))


if __name__ == "__main__":
    sys.exit(unittest.main())
