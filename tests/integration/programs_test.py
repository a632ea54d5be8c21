#!/usr/bin/env python3
"""Records every program of tests/programs that says in its comments what the trace holds.

On the line of an allocation or on a line of its own before it, separated by semicolons
where there are several:
    // ALLOC: malloc 3 x 100, leaked 2       three calls of 100 bytes, two never freed
    // ALLOC: realloc 4 in 900               four calls, 900 bytes together
    // STACK: inner < middle*3 < ... < main  every stack of this line: whole, innermost
                                             first, `*n` repeats, `...` is any frames
At the beginning:
    // EVENTS: free 3; cfree 1               how often each function was called, at all
    // EXIT: 3   or   // EXIT: signal 6      status of the program (0 where nothing is said)
    // ARGUMENTS: words                      for the program
    // THREADS: 9                            rows in `threads`
    // FAULTS: bad_size 4; double_free 1     memory errors, where they are looked for

Nothing else in the program's own file may allocate. The same output and the same status
are expected without Memoir.
"""
import re
import signal
import sys
import unittest

from memoir_test import MemoirTest, SOURCES, file_name, plain_name, program

MARK = re.compile(r"//\s*(ALLOC|STACK|EVENTS|EXIT|ARGUMENTS|THREADS|FAULTS):\s*(.*)$")
STRAY = re.compile(r"//.*\b(ALLOC|STACK|EVENTS|EXIT|ARGUMENTS|THREADS|FAULTS): ")
ALLOC = re.compile(r"(?P<api>[a-z_ ]+(?:\[\])?(?:\([a-z, ]+\))?) (?P<calls>\d+) "
                   r"(?P<kind>x|in) (?P<bytes>\d+)(?:, leaked (?P<leaked>\d+))?"
                   r"(?: in (?P<leaked_bytes>\d+))?$")
EVENT = re.compile(r"(?P<api>\S.*) (?P<calls>\d+)$")


def parts(mark):
    return [part.strip() for part in mark.split(";") if part.strip()]


class Expectation:
    """What the comments of one source say."""

    def __init__(self, source):
        self.allocs, self.stacks, self.events, self.faults = {}, {}, {}, {}
        self.status, self.arguments, self.threads = 0, [], None
        self.marked = False
        lines = source.read_text().splitlines()
        for number, line in enumerate(lines, 1):
            mark = MARK.search(line)
            if mark is None and STRAY.search(line) is not None:
                raise ValueError(f"{source.name}, line {number}: a mark that nobody reads")
            if mark is not None:
                self.marked = True
                while lines[number - 1].lstrip().startswith("//"):
                    number += 1
                self.take(mark[1], mark[2].strip(), number)

    def take(self, kind, words, number):
        if kind == "ALLOC":
            for part in parts(words):
                found = ALLOC.match(part)
                if found is None:
                    raise ValueError(f"line {number}: cannot read {part!r}")
                self.allocs[number, found["api"]] = self.numbers(found)
        elif kind in ("EVENTS", "FAULTS"):
            for part in parts(words):
                found = EVENT.match(part)
                counts = self.events if kind == "EVENTS" else self.faults
                counts[found["api"]] = int(found["calls"])
        elif kind == "STACK":
            self.stacks[number] = words
        elif kind == "EXIT":
            sign = -1 if words.startswith("signal") else 1
            self.status = sign * int(words.split()[-1])
        elif kind == "ARGUMENTS":
            self.arguments = words.split()
        elif kind == "THREADS":
            self.threads = int(words)

    @staticmethod
    def numbers(found):
        calls, size = int(found["calls"]), int(found["bytes"])
        leaked = int(found["leaked"] or 0)
        fixed = found["kind"] == "x"
        return {"allocations": calls, "allocated_bytes": calls * size if fixed else size,
                "live_blocks": leaked,
                "live_bytes": int(found["leaked_bytes"] or leaked * size)}


def matches(pattern, frames):
    """Whether frames are what a STACK mark says."""
    if not pattern:
        return not frames
    first, rest = pattern[0], pattern[1:]
    if first == "...":
        return any(matches(rest, frames[skip:]) for skip in range(len(frames) + 1))
    name, _, times = first.partition("*")
    times = int(times or 1)
    return frames[:times] == [name] * times and matches(rest, frames[times:])


class ProgramsTest(MemoirTest):
    def test_pattern(self):
        self.assertTrue(matches(["a", "b*2", "...", "main"], ["a", "b", "b", "x", "main"]))
        self.assertTrue(matches(["a", "...", "main"], ["a", "main"]))
        self.assertFalse(matches(["a", "main"], ["a", "b", "main"]))
        self.assertFalse(matches(["a", "main"], ["a", "main", "_start"]))

    def check_faults(self, run, expected):
        """Those that are expected are told, and nothing else is said."""
        if self.checks_memory():
            found = {row["kind"]: row["n"] for row in run.trace.rows(
                "SELECT kind, count(*) AS n FROM faults GROUP BY kind")}
            self.assertEqual(expected.faults, found)
            told = [line for line in run.error_lines() if not line.startswith("  ")]
            self.assertEqual(sum(found.values()), len(told), run.err)
        else:
            self.assertEqual(b"", run.err)

    def check_program(self, source, expected, executable=None, **more):
        executable = executable or program(source.stem)
        alone = self.run_alone(executable, *expected.arguments, **more)
        self.assertEqual((expected.status, b""), (alone.status, alone.err), "without Memoir")
        run = self.record(executable, *expected.arguments, options=["-q"], **more)
        trace = run.trace
        self.assertEqual((alone.status, alone.out), (run.status, run.out))
        self.check_faults(run, expected)
        self.check_sites(trace, source.name, executable, expected)
        self.check_leaks(trace, source.name, expected)
        self.check_sums(trace)
        self.check_end(trace.processes()[0], expected)
        for line, pattern in expected.stacks.items():
            self.check_stacks(trace, source.name, line, pattern.split(" < "))
        if expected.threads is not None:
            self.assertEqual(expected.threads, len(trace.rows("SELECT * FROM threads")))
        if expected.events:
            called = trace.events_by_api()
            self.assertEqual(expected.events, {api: called.get(api, 0)
                                               for api in expected.events})

    def check_sites(self, trace, name, executable, expected):
        seen = {}
        for site in trace.sites():
            if file_name(site["file"]) != name:
                self.assertNotEqual(str(executable), site["module"], f"unmarked: {site}")
                continue
            self.assertEqual(site["allocations"] - site["frees"], site["live_blocks"], site)
            self.assertEqual(trace.stack(site["stack"])[0], plain_name(site["function"]))
            sums = seen.setdefault((site["line"], site["api"]),
                                   dict.fromkeys(("allocations", "allocated_bytes",
                                                  "live_blocks", "live_bytes"), 0))
            for column in sums:
                sums[column] += site[column]
        self.assertEqual(expected.allocs, seen)

    def check_leaks(self, trace, name, expected):
        mapping = {row["name"] for row in trace.rows("SELECT name FROM api WHERE mapping")}
        wanted, seen = {}, {}
        for (line, api), numbers in expected.allocs.items():
            if numbers["live_blocks"] and api not in mapping:
                blocks, size = wanted.get(line, (0, 0))
                wanted[line] = blocks + numbers["live_blocks"], size + numbers["live_bytes"]
        for leak in trace.leaks(name):
            blocks, size = seen.get(leak["line"], (0, 0))
            seen[leak["line"]] = blocks + leak["blocks"], size + leak["bytes"]
        self.assertEqual(wanted, seen)

    def check_sums(self, trace):
        """A process is the sum of its sites."""
        for process in trace.processes():
            (sums,) = trace.rows(
                "SELECT sum(allocations) AS allocations, sum(frees) AS frees, "
                "sum(allocated_bytes) AS allocated_bytes, sum(live_blocks) AS live_blocks, "
                "sum(live_bytes) AS live_bytes FROM sites WHERE process = ? AND api NOT IN "
                "(SELECT name FROM api WHERE mapping)", process["process"])
            self.assertEqual({column: value or 0 for column, value in sums.items()},
                             {column: process[column] for column in sums})
            self.assertEqual((0, 1), (process["dropped"], process["complete"]))

    def check_end(self, process, expected):
        if expected.status < 0:
            self.assertEqual(f"signal:{-expected.status}", process["end"],
                             signal.Signals(-expected.status).name)
        else:
            self.assertEqual(f"exit:{expected.status}", process["end"])

    def check_stacks(self, trace, name, line, pattern):
        sites = trace.sites(name, line=line)
        self.assertTrue(sites, f"nothing allocated on line {line}")
        for site in sites:
            frames = trace.stack(site["stack"])
            if "main" in frames:
                frames = frames[:frames.index("main") + 1]
            self.assertTrue(matches(pattern, frames), f"line {line}: {frames}")


def add_tests():
    for source in sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.cpp")]):
        expected = Expectation(source)
        if not expected.marked:
            continue

        def test(self, source=source, expected=expected):
            self.check_program(source, expected)

        setattr(ProgramsTest, f"test_{source.stem}", test)


add_tests()

if __name__ == "__main__":
    sys.exit(unittest.main())
