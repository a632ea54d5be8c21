#!/usr/bin/env python3
"""Runs the programs of tests/faults, each of which does wrong things to its memory, and
holds what Memoir reports against what their comments say. Every fault must be reported
exactly once, on standard error and in the trace, and nothing else may be.

A new program: put <name>.c or <name>.cpp beside this script. It is built with -O1 -g and
without warnings; it asks for more with // COMPILE: options, // LINK: options and
// LIBRARIES: names. `ctest -R faults.<name>` runs it, and so does `faults_test.py <name>`
with the environment of tests/support/memoir_test.py. What is expected stands in comments:

    // FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 10-byte block
    //   alloc: malloc: make@made < main
    //   found: free: check@freed < main

FAULT is the first line of the report, word for word (`*` is any number). The lines below are its stacks:

    alloc:   function[ in thread name]: stack      that made the block
    free:    function[ in thread name]: stack      that freed it
    access:  [in thread name: ]stack               what was done, where it was seen at once
    found:   function: stack                       a late find: what freed or moved the
                                                   block
    found:   stack                                 what needed the memory
    found:   at the end                            the end of the process
    through: name                                  the library function that was called
    count:   n                                     how often the fault was met
    late                                           a late find, wherever
    whole:   yes                                   it says when it was last seen whole
    refused: function: stack                       found so where the kernel refuses
                                                   breakpoints

A stack is the program's own functions, innermost first: a < b*3 < ... < main; `*n` repeats,
`...` is any frames, `a@mark` is the line that says // mark: mark (a line may say several).
What lies beyond main is not looked at. A fault that has a block must say `alloc`, one with
a freed block `free`, and all but late finds `access`.

For the whole program, or for what follows a RUN:

    // RUN: words            run it with these arguments (once without any, by default)
    // OPTIONS: words        of memoir run, instead of --mode check without guards by site
    // PIN: words            run it again, with --pin of the first run's trace and these
    //                       options: that is the run of which the faults are expected
    // EXIT: 3, signal 6     how the program ends under Memoir (0 where nothing is said)
    // CLEAN                 no fault is expected

`{...}` in a message is computed by Python. A fault that a RUN expects stands below it;
those above the first RUN are expected of every run.

Where the kernel refuses breakpoints (a container, perf_event_paranoid), one line is
expected to say so of PIN with pin_with=breakpoint, and of faults with `refused`.
"""
import pathlib
import re
import shlex
import sys
import unittest

import breakpoints
from memoir_test import MemoirTest, PROGRAMS, file_name, plain_name

HERE = pathlib.Path(__file__).resolve().parent
KINDS = HERE.parent.parent / "runtime/base/fault_kind.inc"
ENTRY = re.compile(r'MEMOIR_FAULT\(k\w+,\s*\d+,\s*"(?P<name>\w+)",\s*"(?P<title>[^"]+)"\)')
WORD = re.compile(r"\s*//\s(?P<word>FAULT|RUN|OPTIONS|PIN|EXIT|CLEAN)(?::\s*(?P<rest>.*))?$")
DETAIL = re.compile(r"\s*//\s{3,}(?P<word>\w+)(?::\s*(?P<rest>.*))?$")
MARK = re.compile(r"//\smark:\s*(?P<names>.*)$")
MADE = re.compile(r"(?P<api>(?!in )[a-z_ ]+?(?:\[\])?(?:\([a-z, ]+\))?)?"
                  r"(?: ?in (?P<thread>[^:]+))?: (?P<stack>\S.*)$")
PLACE = re.compile(r"(?P<away>\d+) bytes? (?P<side>before|after|inside) "
                   r"an? (?:freed )?(?P<size>\d+)-byte block")
ROLES = {"alloc": ("alloc_stack", "alloc_api", "alloc_thread"),
         "free": ("free_stack", "free_api", "free_thread"),
         "access": ("stack", None, "thread"),
         "found": ("stack", "free_api", "thread")}
# Where the stack of an access names a function of Memoir's victim, a free or an allocation.
TITLES = {m["title"]: m["name"] for m in ENTRY.finditer(KINDS.read_text())}


NO_BREAKPOINTS = "--pin: no breakpoints"
NO_GUARDS = ("--mode", "check", "--option", "guard_first=0")


class Expected:
    """One FAULT of a source."""

    def __init__(self, message, where):
        self.message, self.where, self.details = message, where, {}

    def says(self, message):
        wanted = re.escape(self.message).replace(r"\*", r"\d+")
        return re.fullmatch(wanted, message) is not None

    def kind(self):
        return TITLES[self.message.split(": ")[0]]


class Section:
    """What one run of a program must lead to."""

    def __init__(self, arguments=(), faults=(), options=NO_GUARDS, status=0, pin=None):
        self.arguments, self.faults = list(arguments), list(faults)
        self.options, self.status, self.pin = list(options), status, pin


class Source:
    """A program and what its comments say."""

    def __init__(self, path):
        self.path, self.marks = path, {}
        self.common, self.sections, clean = Section(), [], False
        section, fault = self.common, None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if mark := MARK.search(line):
                for name in mark["names"].split(","):
                    if self.marks.setdefault(name.strip(), number) != number:
                        raise ValueError(f"{path.name}:{number}: {name} is marked twice")
            detail = DETAIL.match(line) if fault else None
            word = WORD.match(line)
            if detail:
                fault.details[detail["word"]] = (detail["rest"] or "").strip()
                continue
            fault = None
            if not word:
                continue
            rest = (word["rest"] or "").strip()
            if word["word"] == "RUN":
                section = Section(shlex.split(rest), self.common.faults,
                                  self.common.options, self.common.status,
                                  self.common.pin)
                self.sections.append(section)
            elif word["word"] == "OPTIONS":
                section.options = shlex.split(rest)
            elif word["word"] == "PIN":
                section.pin = shlex.split(rest)
            elif word["word"] == "EXIT":
                section.status = int(rest.split()[-1]) * (-1 if "signal" in rest else 1)
            elif word["word"] == "CLEAN":
                clean = True
            else:
                message = re.sub(r"\{(.*?)\}", lambda m: str(eval(m[1])), rest)
                fault = Expected(message, f"{path.name}:{number}")
                section.faults.append(fault)
        self.sections = self.sections or [self.common]
        if not clean and not all(section.faults for section in self.sections):
            raise ValueError(f"{path.name} says neither FAULT nor CLEAN")


def frames_match(pattern, frames):
    """Whether (function, line) pairs are what a stack says: (name, line or None) pairs."""
    if not pattern:
        return not frames
    (name, line), rest = pattern[0], pattern[1:]
    if name == "...":
        return any(frames_match(rest, frames[skip:]) for skip in range(len(frames) + 1))
    return bool(frames) and frames[0][0] == name and line in (None, frames[0][1]) and \
        frames_match(rest, frames[1:])


class FaultsTest(MemoirTest):
    def pattern(self, source, text):
        wanted = []
        for word in text.split(" < "):
            name, _, times = word.strip().partition("*")
            name, _, mark = name.partition("@")
            if mark and mark not in source.marks:
                self.fail(f"{source.path.name}: no line says // mark: {mark}")
            wanted += [(name, source.marks[mark] if mark else None)] * int(times or 1)
        return wanted

    @staticmethod
    def stack(trace, number):
        rows = trace.rows("SELECT function, line FROM stack_frames WHERE stack = ? AND "
                          "skip = 0 ORDER BY depth", number)
        frames = [(plain_name(row["function"]), row["line"]) for row in rows]
        names = [name for name, _ in frames]
        return frames[:names.index("main") + 1] if "main" in names else frames

    def problems(self, source, trace, expected, row):
        """What of a fault is not as expected; its message is."""
        found = []

        def compare(what, wanted, seen):
            if wanted != seen:
                found.append(f"{what} is {seen!r}, not {wanted!r}")

        compare("kind", expected.kind(), row["kind"])
        compare("count", int(expected.details.get("count", 1)), row["count"])
        compare("library function", expected.details.get("through"),
                row["library_function"])
        late = "found" in expected.details or "late" in expected.details
        compare("late", (2 if expected.details.get("found") == "at the end" else 1) if late else 0,
                row["late"])
        compare("having been seen whole", "whole" in expected.details,
                row["whole_t"] is not None and 0 < row["whole_t"] < row["t"])
        if place := PLACE.search(row["message"]):
            size, away = int(place["size"]), int(place["away"])
            offset = {"before": -away, "after": size + away, "inside": away}[place["side"]]
            compare("size of the block", size, row["block_size"])
            compare("offset", offset, row["offset"])
        for role, (stack, api, thread) in ROLES.items():
            text = expected.details.get(role)
            if text is None:
                if role == "alloc" and row["alloc_stack"] is not None:
                    found.append("nothing is said of its allocation")
                if role == "free" and row["free_stack"] is not None:
                    found.append("nothing is said of its free")
                if role == "access" and not late:
                    found.append("nothing is said of the access")
                continue
            if text == "at the end":
                continue
            said = MADE.match(text)
            if said:
                text = said["stack"]
                if said["api"]:
                    seen = row[api]
                    if role == "free" and row["kind"] == "double_free":
                        seen = trace.value("SELECT name FROM api WHERE id = ?",
                                           row["claimed"])
                    compare(f"function of {role}", said["api"], seen)
                if said["thread"]:
                    names = trace.rows("SELECT name FROM threads WHERE process = ? AND "
                                       "thread = ?", row["process"], row[thread])
                    compare(f"thread of {role}", said["thread"],
                            names[0]["name"] if names else None)
            frames = self.stack(trace, row[stack]) if row[stack] is not None else None
            if frames is None or not frames_match(self.pattern(source, text), frames):
                found.append(f"stack of {role} is {frames}, not {text}")
        return found

    def find(self, source, trace, expected, rows):
        """The row that is the expected fault."""
        alike = [row for row in rows if expected.says(row["message"])]
        if not alike:
            self.fail(f"{expected.where}: no report says {expected.message!r}, but "
                      f"{[row['message'] for row in rows]}")
        reasons = []
        for row in alike:
            reasons = self.problems(source, trace, expected, row)
            if not reasons:
                return row
        return self.fail(f"{expected.where}: {expected.message!r}: {'; '.join(reasons)}")

    def check_text(self, source, run, faults, messages):
        """Each report, with the lines that its stacks name."""
        reports = {}
        for line in run.error_lines():
            if line.startswith("memoir: "):
                reports.setdefault(line.removeprefix("memoir: "), []).append([])
                texts = reports[line.removeprefix("memoir: ")]
            elif line.startswith("  ") and reports:
                texts[-1].append(line)
        reports = {message: texts for message, texts in reports.items()
                   if not message.startswith(NO_BREAKPOINTS)}
        told = sorted(message for message, texts in reports.items() for _ in texts)
        self.assertEqual(sorted(messages), told)
        for fault, message in zip(faults, messages):
            wanted = []
            for role in ("alloc", "free", "access"):
                text = fault.details.get(role, "").rpartition(": ")[2]
                for name, line in self.pattern(source, text) if text else []:
                    if line is not None:
                        place = re.escape(f"{source.path.name}:{line}")
                        wanted.append(rf"#\d+ +{re.escape(name)}\b.* {place}$")
            texts = ["\n".join(lines) for lines in reports[message]]
            if not any(all(re.search(one, text, re.MULTILINE) for one in wanted)
                       for text in texts):
                self.fail(f"{fault.where}: {wanted} is not all in {texts}")

    def record_pinned(self, command, section):
        """A run that stops at what an earlier one has found."""
        first = self.record(*command, options=["-q", *section.options])
        run = self.record(*command, options=["-q", "--pin", first.trace.path, *section.pin])
        said = [line for line in run.error_lines() if NO_BREAKPOINTS in line]
        refusal = breakpoints.refusal()
        wanted = "pin_with=breakpoint" in section.pin or \
            any("refused" in fault.details for fault in section.faults)
        if refusal is None or not wanted:
            self.assertLessEqual(len(said), 0 if refusal is None else 1, said)
            return run
        print(f"{command[0].name}: breakpoints are refused here: {refusal}")
        self.assertEqual(1, len(said), run.err)
        self.assertIn(refusal, said[0])
        for fault in section.faults:
            if "refused" in fault.details:
                fault.details["found"] = fault.details["refused"]
                fault.details.pop("access", None)
        return run

    def check_run(self, source, section):
        command = [PROGRAMS / source.path.stem, *section.arguments]
        if section.pin is None:
            run = self.record(*command, options=["-q", *section.options])
        else:
            run = self.record_pinned(command, section)
        rows, found = run.trace.rows("SELECT * FROM faults"), []
        for expected in section.faults:
            found.append(self.find(source, run.trace, expected, rows))
            rows.remove(found[-1])
        self.assertEqual([], [row["message"] for row in rows], "reported, not expected")
        self.check_text(source, run, section.faults, [row["message"] for row in found])
        self.assertEqual(section.status, run.status, run.err)

    def check_source(self, path):
        source = Source(path)
        for section in source.sections:
            with self.subTest(" ".join([path.stem, *section.arguments])):
                self.check_run(source, section)

    def test_patterns(self):
        frames = [("a", 1), ("b", 2), ("b", 3), ("main", 9)]
        self.assertTrue(frames_match([("a", 1), ("...", None), ("main", None)], frames))
        self.assertFalse(frames_match([("a", 2), ("...", None)], frames))
        self.assertFalse(frames_match([("a", 1), ("main", None)], frames))


def add_tests(only):
    for path in sorted([*HERE.glob("*.c"), *HERE.glob("*.cpp")]):
        if only and path.stem not in only:
            continue

        def test(self, path=path):
            self.check_source(path)

        setattr(FaultsTest, f"test_{path.stem}", test)


if __name__ == "__main__":
    add_tests(sys.argv[1:])
    sys.exit(unittest.main(argv=sys.argv[:1]))
