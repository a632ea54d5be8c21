#!/usr/bin/env python3
"""What the reports say is what the trace holds, in every format, on a terminal and off."""
import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
import unittest

from memoir_test import HUNG, MEMOIR, MemoirTest, clean_environment, program, text

# What exact_lines.c does, counted by hand.
EXACT_LINES = {"allocations": 1355, "frees": 1276, "allocated_bytes": 147640,
               "peak_bytes": 60200, "peak_blocks": 199, "live_blocks": 79,
               "live_bytes": 16820, "temporary": 1146, "dropped": 0, "unknown_frees": 0}
LEAKS = {(48, 60, 9570), (51, 10, 6000), (26, 4, 1200), (11, 5, 50)}


class ReportTest(MemoirTest):
    def setUp(self):
        super().setUp()
        self.trace = self.record(program("exact_lines"), options=["-q"]).trace

    def answer(self, *words):
        run = self.memoir(*words)
        self.assertEqual((0, b""), (run.status, run.err))
        return run.out.decode()

    def test_figures_of_a_process(self):
        report = json.loads(self.answer("report", "--json", self.trace.path))
        process = self.trace.only_process()
        for figure, value in EXACT_LINES.items():
            self.assertEqual((value, value), (process[figure], report["total"][figure]),
                             figure)
        self.assertEqual("complete", report["state"])
        self.assertEqual("exit:0", report["total"]["end"])

    def test_report_in_words(self):
        report = self.answer("report", self.trace.path)
        for words in ("exited with status 0", "144.2 KiB in 1,355 allocations",
                      "58.8 KiB in 199 blocks", "16.4 KiB in 79 blocks"):
            self.assertIn(words, report)
        for line in report.splitlines():
            if "/" not in line:  # only a path may be longer than a terminal is wide
                self.assertLessEqual(len(line), 80, line)

    def test_formats_agree(self):
        path = self.trace.path
        found = json.loads(self.answer("leaks", "--json", path))
        self.assertEqual(LEAKS, {(r["line"], r["blocks"], r["bytes"]) for r in found})
        rows = list(csv.DictReader(io.StringIO(self.answer("leaks", "--csv", path))))
        self.assertEqual(LEAKS, {(int(r["line"]), int(r["blocks"]), int(r["bytes"]))
                                 for r in rows})
        sites = json.loads(self.answer("sites", "--json", path))
        query = self.trace.rows(
            "SELECT line, api, sum(allocations) AS allocations, sum(frees) AS frees, "
            "sum(live_bytes) AS live_bytes FROM sites GROUP BY line, api")
        self.assertEqual({tuple(row.values()) for row in query},
                         {tuple(site[name] for name in query[0]) for site in sites})
        rows = list(csv.DictReader(io.StringIO(self.answer("sites", "--csv", path))))
        self.assertEqual([str(site["allocations"]) for site in sites],
                         [row["allocations"] for row in rows])

    def test_top_and_sort(self):
        path = self.trace.path
        for key, line in (("count", 37), ("leaked", 48), ("allocated", 37), ("peak", 46)):
            (top,) = json.loads(self.answer("sites", "--json", "--top", "1", "--sort", key,
                                            path))
            self.assertEqual(line, top["line"], key)
        (top,) = json.loads(self.answer("leaks", "--json", "--top", "1", "--sort", "blocks",
                                        path))
        self.assertEqual((48, 60), (top["line"], top["blocks"]))

    def test_one_process_of_several(self):
        trace = self.record(program("execs_itself"), "2", options=["-q"]).trace
        for process, bytes_lost in ((1, 30), (2, 20), (3, 10)):
            found = json.loads(self.answer("leaks", "--json", "--process", str(process),
                                           trace.path))
            self.assertEqual([bytes_lost], [leak["bytes"] for leak in found])
        report = json.loads(self.answer("report", "--json", trace.path))
        self.assertEqual(3, len(report["processes"]))
        run = self.memoir("leaks", "--process", "4", trace.path)
        self.assertNotEqual(0, run.status)
        self.assert_one_line(run, "4")

    def test_odd_names(self):
        """Names are bytes to Linux; in JSON they are text, and nothing plays tricks on a
        terminal."""
        folder = self.folder / 'a "folder"'
        folder.mkdir()
        odd = folder / "it's $HOME\t\x1b[31m"
        shutil.copy(program("stripped"), odd)
        word = b'a\xff\xfe\nb"c\\\x01'
        trace = self.record(odd, os.fsdecode(word), options=["-q"]).trace
        report = json.loads(self.answer("report", "--json", trace.path))
        self.assertEqual(str(odd), report["total"]["executable"])
        self.assertIn("\n", report["total"]["command"])
        (place,) = {leak["module"] for leak in json.loads(
            self.answer("leaks", "--json", trace.path))}
        self.assertEqual(str(odd), place)
        shown = self.memoir("report", trace.path)
        self.assertEqual(0, shown.status)
        self.assertNotIn(b"\x1b", shown.out)
        self.assertNotIn(b"\x01", shown.out)

    def on_terminal(self, *words, **variables):
        """What a command writes to a terminal."""
        leader, terminal = pty.openpty()
        process = subprocess.Popen(text([MEMOIR, *words]), stdout=terminal, stderr=terminal,
                                   env=clean_environment(TERM="xterm", **variables))
        os.close(terminal)
        said = b""
        try:
            while piece := os.read(leader, 65536):
                said += piece
        except OSError:  # the terminal's last user has gone
            pass
        os.close(leader)
        self.assertEqual(0, process.wait(HUNG))
        return said

    def test_colours(self):
        command = ["report", "--top", "1", self.trace.path]
        self.assertNotIn("\x1b", self.answer(*command))
        self.assertIn(b"\x1b[", self.on_terminal(*command))
        self.assertNotIn(b"\x1b", self.on_terminal(*command, NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.on_terminal("report", "--json", self.trace.path))

    def test_run_says_one_line(self):
        run = self.record(program("exact_lines"))
        self.assert_one_line(run, " events in ", str(run.trace.path))
        run = self.record(program("exact_lines"), options=["--quiet"])
        self.assertEqual(b"", run.err)

    def test_suppressions_beside_the_trace(self):
        """What somebody suppressed in the viewer is suppressed here."""
        path = self.trace.path
        beside = path.with_name(path.name + ".suppressions")
        beside.write_text("leak:keep_every_tenth\n")
        self.addCleanup(beside.unlink)
        found = json.loads(self.answer("leaks", "--json", path))
        self.assertEqual({leak for leak in LEAKS if leak[0] != 26},
                         {(r["line"], r["blocks"], r["bytes"]) for r in found})
        self.assertIn("1.2 KiB in 4 blocks silenced by leak:keep_every_tenth",
                      self.answer("leaks", path))
        self.assertIn("15.3 KiB in 75 blocks", self.answer("report", path))
        beside.write_text("nonsense\n")
        run = self.memoir("leaks", path)
        self.assertNotEqual(0, run.status)
        self.assert_one_line(run, beside.name)

    def test_sources_are_kept(self):
        """Also where the compiler was given a path relative to its own folder, as ninja
        gives it. What changed after the program was built is not what ran."""
        for folder in ("source", "build"):
            (self.folder / folder).mkdir()
        source = self.folder / "source" / "lost.c"
        source.write_text("#include <stdlib.h>\n"
                          "int main(void) { return malloc(9) == 0; }\n")
        subprocess.run(["cc", "-g", "../source/lost.c", "-o", "lost"], check=True,
                       cwd=self.folder / "build")
        lost = self.folder / "build" / "lost"

        def kept(run):
            return [row["s"] for row in run.trace.rows(
                "SELECT s FROM source JOIN string ON string.id = file") if
                    row["s"].startswith(str(self.folder))]

        run = self.record(lost, options=["--sources"])
        self.assertEqual([str(source)], kept(run))
        self.assertIn(b" kept (", run.err)
        self.assertEqual([], kept(self.record(lost)))
        later = os.stat(lost).st_mtime + 10
        os.utime(source, (later, later))
        run = self.record(lost, options=["--sources"])
        self.assertEqual([], kept(run))
        self.assertIn(b"1 changed since the program was built: not kept", run.err)

    def test_reading_changes_nothing(self):
        path = self.trace.path
        before = path.read_bytes()
        path.chmod(0o400)
        for command in (["report"], ["leaks"], ["sites"]):
            self.answer(*command, path)
        self.answer("sql", path, "select count(*) from events")
        self.assertEqual(before, path.read_bytes())
        self.assertEqual([path.name], os.listdir(self.folder))


if __name__ == "__main__":
    sys.exit(unittest.main())
