#!/usr/bin/env python3
"""What is done with memory errors that were found: exit status, stop and abort, rules that
silence, `memoir faults` and `memoir report`. Which are found is faults_test.py's."""
import json
import os
import re
import signal
import sys
import time
import unittest

from memoir_test import MemoirTest, program

SUPPRESS = re.compile(rb"^  suppress with  (\S.*)$", re.MULTILINE)
# Programs whose reports cover all kinds, and what they are run with.
PROGRAMS = [("double_free",), ("invalid_free",), ("mismatches",), ("sized_delete",),
            ("bad_size",), ("bad_alignment",), ("new_bad_size",), ("off_by_one",),
            ("array_overflows",), ("underflows",), ("write_after_free",),
            ("found_at_the_end", "_exit")]


class ReportingTest(MemoirTest):
    def check(self, *words, options=(), **more):
        return self.record(program(words[0]), *words[1:],
                           options=["-q", *options], **more)

    def told(self, run):
        return [line for line in run.error_lines() if line.startswith("memoir: ")]

    def rules(self, *lines):
        path = self.folder / "rules"
        path.write_text("".join(line + "\n" for line in lines))
        return ["--suppressions", path]

    def json(self, *words):
        answer = self.memoir(*words)
        self.assertEqual((0, b""), (answer.status, answer.err))
        return json.loads(answer.out)

    # Suppressions.

    def test_a_suppression_line_silences_its_report(self):
        for words in PROGRAMS:
            with self.subTest(words[0]):
                loud = self.check(*words)
                lines = [line.decode() for line in SUPPRESS.findall(loud.err)]
                self.assertEqual(len(self.told(loud)), len(lines))
                times = loud.trace.value("SELECT sum(count) FROM faults")
                quiet = self.check(*words, options=self.rules(*lines))
                self.assertEqual(b"", quiet.err)
                self.assertEqual([], quiet.trace.rows("SELECT * FROM faults"))
                self.assertEqual(times, quiet.trace.value("SELECT sum(hits) FROM suppression"))
                self.assertEqual(loud.status, quiet.status)

    def test_one_line_silences_one_report(self):
        rules = self.rules("# nothing else", "", "double_free:much_later")
        run = self.check("double_free", options=rules)
        self.assertEqual(5, len(self.told(run)))
        self.assertNotIn(b"30-byte", run.err)
        self.assertEqual([{"rule": "double_free:much_later", "hits": 1, "bytes": 0}],
                         run.trace.rows("SELECT * FROM suppression"))
        listed = self.memoir("faults", run.trace.path).out
        self.assertIn(b"1 silenced report by suppressions", listed)

    def test_patterns_match_files_and_modules(self):
        for pattern in ("double_free.c$", "*/double_fre?.c", "^/*/double_free$", "^make$"):
            with self.subTest(pattern):
                run = self.check("double_free", options=self.rules("double_free:" + pattern))
                expected = 6 if "?" in pattern else 0
                self.assertEqual(expected, len(self.told(run)))

    def test_a_rule_of_another_kind_silences_nothing(self):
        run = self.check("double_free", options=self.rules("invalid_free:*", "leak:main"))
        self.assertEqual(6, len(self.told(run)))

    def test_what_is_no_rule_is_refused(self):
        for line in ("double_free", "no_such_kind:main", "double_free:"):
            with self.subTest(line):
                run = self.memoir("run", *self.rules("double_free:x", line), "--", "true")
                self.assertEqual(2, run.status)
                self.assert_one_line(run, "rules:2", line)
        run = self.memoir("run", "--suppressions", self.folder / "none", "--", "true")
        self.assertEqual(2, run.status)
        self.assert_one_line(run, "none")

    def test_leaks_are_silenced_where_they_are_listed(self):
        loud = self.check("found_at_the_end", "_exit")
        quiet = self.check("found_at_the_end", "_exit", options=self.rules("leak:make"))
        self.assertIn(b"make", self.memoir("leaks", loud.trace.path).out)
        listed = self.memoir("leaks", quiet.trace.path).out
        self.assertIn(b"leak:make", listed)
        self.assertNotIn(b"found_at_the_end.c", listed)
        (row,) = quiet.trace.rows("SELECT * FROM suppression")
        self.assertEqual(("leak:make", 2), (row["rule"], row["hits"]))

    # Exit status.

    def test_error_exitcode(self):
        option = ["--error-exitcode", "42"]
        self.assertEqual(42, self.check("double_free", options=option).status)
        self.assertEqual(0, self.check("double_free").status)
        self.assertEqual(3, self.check("found_at_the_end", "return").status)
        self.assertEqual(42, self.check("found_at_the_end", "return", options=option).status)
        silenced = [*option, *self.rules("double_free:*")]
        self.assertEqual(0, self.check("double_free", options=silenced).status)
        clean = self.record("false", options=["-q", *option])
        self.assertEqual((1, b""), (clean.status, clean.err))
        self.assertEqual(0, self.check("double_free", options=["--error-exitcode", "0"]).status)
        for value in ("-1", "256", "many"):
            run = self.memoir("run", "--error-exitcode", value, "--", "true")
            self.assertEqual(2, run.status, value)

    def test_the_end_by_a_signal_stays_one(self):
        for options in ([], ["--error-exitcode", "9"]):
            run = self.check("found_at_the_end", "abort", options=options)
            self.assertEqual(-signal.SIGABRT, run.status)

    # What follows a fault.

    def test_abort_ends_the_program_after_its_first_report(self):
        run = self.check("double_free", options=["--on-fault", "abort"])
        self.assertEqual(-signal.SIGABRT, run.status)
        self.assertEqual(1, len(self.told(run)))
        self.assertIn(b"20-byte block", run.err)
        self.assertEqual(["signal:6"], run.trace.ends())

    def test_stop_waits_for_a_debugger_after_the_report(self):
        process, path = self.start_recording(
            program("bad_alignment"), options=["-q", "--on-fault", "stop"])
        os.set_blocking(process.stderr.fileno(), False)
        said, stopped = b"", 0
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            said += process.stderr.read() or b""
            for pid in re.findall(rb"process (\d+) is stopped", said)[stopped:]:
                self.wait_for("the process to stop", lambda pid=int(pid): state_of(pid) == "T")
                os.kill(int(pid), signal.SIGCONT)
                stopped += 1
            time.sleep(0.01)
        said += process.stderr.read() or b""
        self.assertEqual(0, process.returncode, said)
        self.assertEqual((5, 5), (stopped, said.count(b"memoir: bad alignment")))
        self.assertEqual(5, self.open_trace(path).value("SELECT count(*) FROM faults"))

    # What is shown later.

    def test_faults_tells_what_was_told(self):
        for words in PROGRAMS[::3]:
            with self.subTest(words[0]):
                run = self.check(*words)
                listed = self.memoir("faults", run.trace.path)
                self.assertEqual((0, b""), (listed.status, listed.err))
                lines = listed.out.decode().splitlines()
                numbered = [line.split(". ", 1)[1] for line in lines
                            if re.match(r"\d+\. ", line)]
                self.assertEqual(self.told(run), ["memoir: " + line for line in numbered])
                self.assertTrue(lines[0].startswith(f"{len(numbered)} memory error"))
                # Each with the same stacks and bytes, and all that was said of it.
                stacks = [line for line in lines if line.startswith("  ")]
                self.assertEqual([line for line in run.error_lines()
                                  if line.startswith("  ")], stacks)

    def test_faults_as_json(self):
        run = self.check("double_free")
        rows = self.json("faults", "--json", run.trace.path)
        self.assertEqual(6, len(rows))
        first = rows[0]
        self.assertEqual(
            {"kind": "double_free", "count": 1, "access": "free", "block_size": 20,
             "offset": 0, "function": "at_once", "thread": 1, "late": 0,
             "suppression": "double_free:at_once"},
            {key: first[key] for key in ("kind", "count", "access", "block_size", "offset",
                                         "function", "thread", "late", "suppression")})
        self.assertTrue(first["file"].endswith("/double_free.c"))
        stacks = {first[name] for name in ("stack", "alloc_stack", "free_stack")}
        self.assertEqual(3, len(stacks))
        self.assertEqual(2, len(self.json("faults", "--json", "--top", "2", run.trace.path)))

    def test_faults_by_count(self):
        run = self.check("equal_faults")
        counts = [row["count"] for row in self.json("faults", "--json", "--sort", "count",
                                                    run.trace.path)]
        self.assertEqual([1000, 60, 5, 1], counts)
        text = self.memoir("faults", run.trace.path).out
        self.assertIn(b"met 1,000 times", text)

    def test_report_opens_with_the_faults(self):
        run = self.check("equal_faults")
        lines = self.memoir("report", run.trace.path).out.decode().splitlines()
        place = next(n for n, line in enumerate(lines) if "4 memory errors" in line)
        self.assertLess(place, 4)
        self.assertIn("double free: free of a 10-byte block", "\n".join(lines[place:place + 4]))
        self.assertLess(place, next(n for n, line in enumerate(lines) if "Allocated" in line))
        report = self.json("report", "--json", run.trace.path)
        self.assertEqual((4, "check"), (report["faults"]["different"], report["mode"]))
        self.assertEqual("double_free", report["faults"]["first"][0]["kind"])

    def test_nothing_found_is_said(self):
        run = self.record("true", options=["-q"])
        self.assertEqual(b"No memory errors were found.\n",
                         self.memoir("faults", run.trace.path).out)
        self.assertEqual([], self.json("faults", "--json", run.trace.path))
        self.assertIn(b"No memory errors were found.",
                      self.memoir("report", run.trace.path).out)

    def test_a_profile_says_that_nothing_was_looked_for(self):
        run = self.record("true", options=["-q", "--mode", "profile"])
        self.assertIn(b"not looked for", self.memoir("faults", run.trace.path).out)
        self.assertNotIn(b"memory errors", self.memoir("report", run.trace.path).out)

    def test_the_summary_counts_them(self):
        path = self.new_trace_path()
        run = self.memoir("run", "-o", path, "--", program("double_free"))
        self.assertRegex(run.error_lines()[-1], r"^memoir: 6 memory errors, .* memoir report ")


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


if __name__ == "__main__":
    sys.exit(unittest.main())
