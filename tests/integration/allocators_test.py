#!/usr/bin/env python3
"""Programs on another malloc than glibc's, preloaded or linked: recorded like any other, to
the last event."""
import glob
import os
import subprocess
import sys
import unittest

import programs_test
from memoir_test import HUNG, SOURCES, MemoirTest, clean_environment, program

ALLOCATORS = {"jemalloc": "libjemalloc.so.*", "tcmalloc": "libtcmalloc_minimal.so.*",
              "mimalloc": "libmimalloc.so.*"}
MARKED = ["exact_lines.c", "operators.cpp", "exchange_blocks.cpp",
          "thread_destructors.cpp", "after_the_end.c", "threads_come_and_go.c",
          "forks_under_fire.c", "vforks.c"]


def library_of(allocator):
    found = sorted(glob.glob(f"/usr/lib/*-linux-gnu/{ALLOCATORS[allocator]}"))
    return found[0] if found else None


class AllocatorsTest(MemoirTest):
    check_program = programs_test.ProgramsTest.check_program
    check_faults = programs_test.ProgramsTest.check_faults
    check_sites = programs_test.ProgramsTest.check_sites
    check_leaks = programs_test.ProgramsTest.check_leaks
    check_sums = programs_test.ProgramsTest.check_sums
    check_end = programs_test.ProgramsTest.check_end
    check_stacks = programs_test.ProgramsTest.check_stacks

    def allocators(self):
        found = {name: library_of(name) for name in ALLOCATORS}
        missing = [name for name, library in found.items() if library is None]
        if missing:
            self.skipTest(f"not installed: {', '.join(missing)}")
        return found.items()

    def preloadable(self):
        found = self.allocators()
        for _, library in found:
            run = self.memoir("--version", env=clean_environment(LD_PRELOAD=library))
            if b"ASan runtime does not come first" in run.err:
                self.skipTest("nothing can be preloaded into a sanitized memoir")
        return found

    def test_preloaded(self):
        for allocator, library in self.preloadable():
            for name in MARKED:
                with self.subTest(allocator, program=name):
                    expected = programs_test.Expectation(SOURCES / name)
                    # The allocator brings the C++ runtime with it, which keeps a pool.
                    expected.events = {}
                    self.check_program(SOURCES / name, expected,
                                       env=clean_environment(LD_PRELOAD=library))

    def test_linked(self):
        for name, library in self.allocators():
            for source in ("operators.cpp", "exchange_blocks.cpp"):
                with self.subTest(name, program=source):
                    made = self.folder / f"{name}_{source}"
                    subprocess.run(
                        ["g++", "-O1", "-g", "-fno-builtin", "-fno-optimize-sibling-calls",
                         "-D_GNU_SOURCE", SOURCES / source, "-o", made, "-pthread",
                         "-Wl,--no-as-needed", library], check=True)
                    self.check_program(SOURCES / source, programs_test.Expectation(SOURCES / source),
                                       executable=made)

    def compare(self, library, *command, **more):
        env = clean_environment(LD_PRELOAD=library, LC_ALL="C", PYTHONHASHSEED="0",
                                PYTHONMALLOC="malloc")
        alone = self.run_alone(*command, env=env, **more)
        run = self.record(*command, options=["-q"], env=env, timeout=3 * HUNG, **more)
        self.assertEqual((alone.status, alone.out, alone.err), (run.status, run.out, run.err))
        process = run.trace.processes()[0]
        self.assertEqual((f"exit:{alone.status}", 0, 1),
                         (process["end"], process["dropped"], process["complete"]))
        self.assertGreater(process["allocations"], 1000)

    def test_real_programs(self):
        code = ("import json, threading, sqlite3\n"
                "text = json.dumps([{'i': i} for i in range(1000)])\n"
                "ts = [threading.Thread(target=json.loads, args=(text,)) for i in range(4)]\n"
                "[t.start() for t in ts]; [t.join() for t in ts]\n"
                "print(sqlite3.connect(':memory:').execute('select 1 + 1').fetchall())\n")
        numbers = "".join(f"{i} " for i in range(5000)).encode()
        for _, library in self.preloadable():
            self.compare(library, os.path.realpath(sys.executable), "-c", code)
            self.compare(library, "jq", "-s", "map(. * 2) | add", input=numbers)


if __name__ == "__main__":
    sys.exit(unittest.main())
