#!/usr/bin/env python3
"""What the viewer says of a moment, of a range, of single blocks and of the timeline is what
the tables of the trace say, of real recordings."""
import os
import pathlib
import subprocess
import sys
import unittest

from memoir_test import HUNG, MemoirTest, clean_environment, program

AGREES = pathlib.Path(os.environ["MEMOIR_BUILD_DIR"]) / "tests/integration/index_agrees"


class IndexTest(MemoirTest):
    def check(self, *command, **more):
        run = self.record(*command, options=["-q"], **more)
        answer = subprocess.run([AGREES, run.trace.path], text=True, capture_output=True,
                                timeout=HUNG * 4, check=False)
        self.assertEqual((0, "", ""), (answer.returncode, answer.stdout, answer.stderr))

    def test_one_thread(self):
        self.check(program("keeps_books"), "1", "60000", "3")

    def test_many_threads(self):
        self.check(program("keeps_books"), "8", "30000", "5")

    def test_blocks_that_go_from_thread_to_thread(self):
        self.check(program("exchange_blocks"))

    def test_addresses_that_are_used_again_at_once(self):
        self.check(program("reuses_at_once"))
        self.check(program("reallocs_in_a_race"))

    def test_mappings(self):
        self.check(program("mappings"))
        self.check(program("mappings_in_pieces"))

    def test_processes(self):
        self.check(program("forks"))

    def test_a_real_program(self):
        self.check(sys.executable, "-c", "import json, ast; "
                   "[json.loads(json.dumps(list(range(i)))) for i in range(300)]",
                   env=clean_environment(PYTHONMALLOC="malloc"))


if __name__ == "__main__":
    unittest.main()
