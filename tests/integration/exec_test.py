#!/usr/bin/env python3
"""Programs that become others, or start them, with an environment that knows nothing of
Memoir: they are followed where that is possible, and stand in the trace as what they are."""
import os
import shutil
import subprocess
import sys
import unittest

from memoir_test import MEMOIR, MemoirTest, clean_environment, program

IN_PLACE = ["execve", "null", "execle", "execvpe", "fexecve", "execveat", "execv", "execl",
            "execvp", "execlp"]
IN_A_CHILD = ["posix_spawn", "posix_spawnp", "vfork", "forks"]


class ExecTest(MemoirTest):
    def start(self, way, *, target=None, options=(), **more):
        """Runs `starts_cleaned` with and without Memoir: the same status and output."""
        words = [program("starts_cleaned"), way, target or program("starts_cleaned"), "four"]
        more.setdefault("cwd", program("starts_cleaned").parent)
        alone = self.run_alone(*words, **more)
        run = self.record(*words, options=["-q", *options], **more)
        self.assertEqual((alone.status, alone.out, b""), (run.status, run.out, run.err))
        return run

    def test_followed_into_an_empty_environment(self):
        for way in IN_PLACE:
            with self.subTest(way):
                run = self.start(way)
                self.assertEqual(4, run.status)
                first, second = run.trace.processes()
                self.assertEqual(("exec", "exit:4"), (first["end"], second["end"]))
                self.assertEqual(first["pid"], second["pid"])
                self.assertEqual((4, 400), (second["live_blocks"], second["live_bytes"]))
        for way in IN_A_CHILD:
            with self.subTest(way):
                run = self.start(way)
                self.assertEqual(14, run.status)
                parent, child = run.trace.processes()
                self.assertEqual(("exit:14", "exit:4"), (parent["end"], child["end"]))
                self.assertEqual(parent["pid"], child["parent_pid"])
                self.assertEqual((4, 400), (child["live_blocks"], child["live_bytes"]))

    def test_exec_beside_busy_threads(self):
        for _ in range(5):
            run = self.record(program("execs_from_thread"), options=["-q"])
            self.assertEqual((5, b"", b""), (run.status, run.out, run.err))
            first, second = run.trace.processes()
            self.assertEqual(("exec", "exit:5"), (first["end"], second["end"]))
            self.assertEqual((first["pid"], first["process"]),
                             (second["pid"], second["parent"]))
            self.assertEqual((0, 1, 0), (first["dropped"], first["complete"],
                                         first["unknown_frees"]))
            (lost,) = run.trace.sites("execs_from_thread.c", process=1, max_size=33)
            self.assertEqual(1, lost["live_blocks"])
            busy = [site for site in run.trace.sites("execs_from_thread.c", process=1)
                    if site["max_size"] == 48]
            self.assertLessEqual(sum(site["live_blocks"] for site in busy), 3)
            (kept,) = run.trace.sites("execs_from_thread.c", process=2)
            self.assertEqual((1, 77), (kept["live_blocks"], kept["live_bytes"]))

    def test_followed_with_its_options(self):
        run = self.start("execve", options=["--option", "mappings=false"])
        self.assertEqual(2, len(run.trace.processes()))
        self.assertEqual([], run.trace.sites(api="mmap"))

    def test_not_followed_on_request(self):
        run = self.start("execve", options=["--option", "follow_exec=false"])
        self.assertEqual(["exec"], run.trace.ends())
        run = self.start("posix_spawn", options=["--option", "follow_exec=false"])
        self.assertEqual(["exit:14"], run.trace.ends())

    def test_environment_too_large_to_add_to(self):
        run = self.start("crowded")
        self.assertEqual((4, ["exec"]), (run.status, run.trace.ends()))

    def test_other_preloaded_libraries_stay(self):
        other = program("first_plugin.so")
        run = self.record("env", "-i", f"LD_PRELOAD={other}", "cat", "/proc/self/maps")
        self.assertIn(os.fsencode(other), run.out)
        self.assertIn(b"libmemoir_preload.so", run.out)
        self.assertEqual(self.checks_memory(), b"libmemoir_bounds.so" in run.out)
        self.assertEqual(["exec", "exit:0"], run.trace.ends())

    def test_image_that_cannot_be_recorded(self):
        static = self.folder / "static"
        made = subprocess.run(["gcc", "-static", "-x", "c", "-", "-o", static],
                              input=b"#include <stdio.h>\n"
                              b"int main(int n, char** v, char** e) { (void)v; puts(*e ? *e : "
                              b"\"nothing\"); return n + 40; }",
                              capture_output=True, check=False)
        if made.returncode != 0:
            self.skipTest("no static C library here")
        for way in ("execve", "execvpe", "fexecve"):
            with self.subTest(way):
                run = self.start(way, target=static)
                self.assertEqual((42, ["exec"]), (run.status, run.trace.ends()))
                process = run.trace.only_process()
                self.assertEqual(1, process["complete"])
                self.assertGreater(process["ended"], process["started"])
        for way in ("posix_spawn", "vfork"):
            with self.subTest(way):
                run = self.start(way, target=static)
                self.assertEqual((52, b"nothing\n"), (run.status, run.out))
                self.assertEqual(["exit:52"], run.trace.ends())
        # With the environment it was started with, too.
        run = self.record("sh", "-c", f"exec {static}", options=["-q"])
        self.assertEqual((41, ["exec"]), (run.status, run.trace.ends()))

    def test_privileged_image_gets_nothing_added(self):
        privileged = self.folder / "cat"
        shutil.copy(shutil.which("cat"), privileged)
        privileged.chmod(0o4755)
        script = self.folder / "script"
        script.write_text(f"#!{privileged}\n")
        script.chmod(0o755)
        for target, out in ((privileged, b""), (script, script.read_bytes())):
            run = self.record(program("starts_cleaned"), "null", target,
                              "/proc/self/environ", options=["-q"])
            self.assertEqual((0, out), (run.status, run.out))
            self.assertEqual(["exec"], run.trace.ends())

    def test_scripts_are_followed(self):
        script = self.folder / "script"
        script.write_text(f"#!{program('starts_cleaned')}\n")
        script.chmod(0o755)
        words = [program("starts_cleaned"), "null", script, "word"]
        run = self.record(*words, options=["-q"])
        # Interpreter, script, word: one too many, so it starts a program that is not there.
        self.assertEqual(self.run_alone(*words).status, run.status)
        self.assertEqual(2, len(run.trace.processes()))

    def test_bare_preload_is_followed(self):
        library = MEMOIR.parent.parent / "lib/memoir/libmemoir_preload.so"
        env = clean_environment(LD_PRELOAD=library)
        run = self.run_alone("env", "-i", program("ends"), "exit", env=env)
        self.assertEqual((11, b"at exit\n"), (run.status, run.out))
        self.assertEqual(1, len(run.error_lines()), run.err)

        def finished():
            traces = list(self.folder.glob("*.memoir"))
            if len(traces) != 1 or list(self.folder.glob("*.memoir-*")):
                return None
            trace = self.open_trace(traces[0])
            return trace if len(trace.processes()) == 2 else None

        trace = self.wait_for("the whole trace", finished)
        self.assertEqual(["exec", "exit:11"], trace.ends())


if __name__ == "__main__":
    sys.exit(unittest.main())
