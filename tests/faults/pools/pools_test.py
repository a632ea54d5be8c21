#!/usr/bin/env python3
"""Runs the programs of this folder, each of which misuses the allocators, pools and buffers
of include/memoir, under Memoir and without it, and holds what is reported against what
their comments say. Every finding must be reported exactly once, and nothing else may be.

A new program: put <finding>.cpp, or <finding>_<what>.cpp, beside this script. What is
expected stands in comments:

    // FINDING: double_return block_pool "frames"
    //   where: mark          the misuse, or for a late one its discovery
    //   alloc: mark          the block's allocation
    //   free:  mark          its release
    //   late                 found some time after it was done
    //   count: n             how often it was met
    //   text:  words         in the message

A mark is the line that says // mark: mark (a line may say several); `where: exit` is the end
of the program. The name in quotes is what set_name() gave. The same findings must be told
on stderr by the library itself when the program runs without Memoir, and its output must be
the same.

    // EXIT: 3                how the program ends
    // CLEAN                  no finding is expected
"""
import pathlib
import re
import sys
import unittest

from memoir_test import MemoirTest, program

HERE = pathlib.Path(__file__).resolve().parent


class Expected:
    def __init__(self, words):
        match = re.fullmatch(r'(\w+)(?: (\S+))?(?: "([^"]*)")?', words)
        if not match:
            raise ValueError(f"not understood: FINDING: {words}")
        self.kind, self.pool_kind, self.pool_name = match.groups()
        self.places = {}
        self.late = False
        self.count = 1
        self.text = ""


def read_expectations(source):
    """The expected findings, the marks by name, and the exit status."""
    expected, marks, status, clean = [], {}, 0, False
    for number, line in enumerate(source.read_text().splitlines(), 1):
        for mark in re.findall(r"// mark: ([\w, ]+)", line):
            for name in re.split(r"[ ,]+", mark.strip()):
                marks[name] = number
        comment = re.fullmatch(r"\s*// *(.*)", line)
        words = comment.group(1) if comment else ""
        if words.startswith("FINDING: "):
            expected.append(Expected(words[9:]))
        elif match := re.fullmatch(r"(where|alloc|free): +(\w+)", words):
            expected[-1].places[match.group(1)] = match.group(2)
        elif words == "late":
            expected[-1].late = True
        elif match := re.fullmatch(r"count: +(\d+)", words):
            expected[-1].count = int(match.group(1))
        elif match := re.fullmatch(r"text: +(.*)", words):
            expected[-1].text = match.group(1)
        elif match := re.fullmatch(r"EXIT: (\d+)", words):
            status = int(match.group(1))
        elif words == "CLEAN":
            clean = True
    if not expected and not clean:
        raise ValueError(f"{source.name} says neither FINDING nor CLEAN")
    return expected, marks, status


def titles():
    list_file = HERE.parents[2] / "runtime/include/memoir/finding.inc"
    return dict(re.findall(r'MEMOIR_FINDING\((\w+), \d+, "([^"]*)"\)', list_file.read_text()))


class PoolFaultTest(MemoirTest):
    name = ""

    def test_findings(self):
        source = HERE / f"{self.name}.cpp"
        expected, marks, status = read_expectations(source)
        path = program(f"pool_{self.name}")
        run = self.record(path, "run", options=("--mode", "check", "-q"))
        self.assertEqual(status, run.status, run.err.decode())
        found = run.trace.rows("SELECT * FROM faults")
        lines = {number: name for name, number in marks.items()}

        def say(fault):
            places = {what: lines.get(fault[f"{what}_line"], fault[f"{what}_line"])
                      for what in ("where", "alloc", "free")}
            return f"{fault['kind']} {fault['pool_kind']} {places} ({fault['message']})"

        left = list(found)
        for one in expected:
            match = next((fault for fault in left if self.is_it(one, fault, source, marks)), None)
            self.assertIsNotNone(match, f"not found: {one.kind} {one.places}; found: "
                                 + "; ".join(map(say, found)))
            left.remove(match)
        self.assertEqual([], [say(fault) for fault in left], "not expected")

        # What a person looks at first is the program's own, not the library's insides.
        for fault in found:
            frames = run.trace.rows("SELECT function FROM stack_frames WHERE stack = ?"
                                    " AND skip = 0 ORDER BY depth LIMIT 1", fault["stack"])
            self.assertFalse(frames and frames[0]["function"].startswith("memoir::"),
                             f"{say(fault)}: {frames}")

        alone = self.run_alone(path)
        self.assertEqual((run.status, run.out), (alone.status, alone.out))
        text = alone.err.decode()
        title_of = titles()
        told = re.findall(r"^memoir: (.*)$", text, re.M)
        headlines = [line for line in told if not line.startswith(" ")]
        for one in expected:
            self.assertTrue(any(line.startswith(title_of[one.kind]) for line in headlines),
                            f"{one.kind} is not told without Memoir: {text}")
        self.assertEqual(len(expected), len(headlines), text)

    @staticmethod
    def is_it(one, fault, source, marks):
        if fault["kind"] != one.kind or fault["count"] != one.count:
            return False
        if bool(fault["late"]) != one.late or one.text not in fault["message"]:
            return False
        if one.pool_kind and fault["pool_kind"] != one.pool_kind:
            return False
        if (fault["pool_name"] or None) != one.pool_name:
            return False
        for what, mark in one.places.items():
            line = fault[f"{what}_line"]
            if mark == "exit":
                if line:
                    return False
            elif line != marks[mark] or not fault[f"{what}_file"].endswith(source.name):
                return False
        return True


class ListTest(unittest.TestCase):
    def test_every_finding_has_a_program(self):
        told = set()
        for source in HERE.glob("*.cpp"):
            told.update(one.kind for one in read_expectations(source)[0])
        self.assertEqual([], sorted(set(titles()) - told))


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(ListTest)
    else:
        PoolFaultTest.name = sys.argv[1]
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(PoolFaultTest)
    sys.exit(not unittest.TextTestRunner().run(suite).wasSuccessful())
