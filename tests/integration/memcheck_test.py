"""Beside memcheck: what nobody may touch of a pool's memory is forbidden to the program, so
that memcheck tells of the access itself; clean use is clean."""
import shutil
import subprocess
import unittest

from memoir_test import MemoirTest, program


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
class MemcheckTest(MemoirTest):
    def run_under_memcheck(self, *command):
        return subprocess.run(["valgrind", "--quiet", "--error-exitcode=9", *command],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=300, check=False)

    def test_clean(self):
        run = self.run_under_memcheck(program("keeps_to_its_blocks"), "clean")
        self.assertEqual((0, "kept\n"), (run.returncode, run.stdout), run.stderr)

    def test_beyond_a_block(self):
        run = self.run_under_memcheck(program("keeps_to_its_blocks"), "beyond")
        self.assertEqual(9, run.returncode, run.stderr)
        self.assertEqual(1, run.stderr.count("Invalid write of size 1"), run.stderr)
        self.assertIn("keeps_to_its_blocks.cpp", run.stderr)

    def test_after_return(self):
        run = self.run_under_memcheck(program("keeps_to_its_blocks"), "returned")
        self.assertEqual(9, run.returncode, run.stderr)
        self.assertEqual(1, run.stderr.count("Invalid write of size 1"), run.stderr)


if __name__ == "__main__":
    unittest.main()
