#!/usr/bin/env python3
"""The real window, on a display of its own: the mouse and the keys as people use them.

Coordinates are not guessed: the same frame, drawn without a display, says where things are.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

BIN = pathlib.Path(sys.argv.pop(1)).resolve()
PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()  # runs for some seconds and allocates
WIDTH, HEIGHT = 1200, 800
PATIENCE = 60  # seconds


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {PATIENCE} s")


class Display:
    """An X server without a screen."""

    def __init__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24",
             "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.name = ":" + pipe.readline().strip()

    def close(self):
        self.server.terminate()
        self.server.wait()


class WindowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.home = pathlib.Path(cls.folder.name)
        cls.trace = cls.home / "app.memoir"
        cls.record(cls.trace, "1")
        cls.display = Display()
        # Drivers of OpenGL leak, which the address sanitizer would tell.
        cls.env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0",
                   "DISPLAY": cls.display.name, "HOME": str(cls.home),
                   "XDG_CONFIG_HOME": str(cls.home / "config"),
                   "LIBGL_ALWAYS_SOFTWARE": "1", "LP_NUM_THREADS": "1"}

    @classmethod
    def tearDownClass(cls):
        cls.display.close()
        cls.folder.cleanup()

    @classmethod
    def record(cls, trace, *arguments):
        subprocess.run([BIN / "memoir", "run", "-q", "-o", trace, "--", PROGRAM, *arguments],
                       check=True, stdout=subprocess.DEVNULL, cwd=cls.home)

    def start(self, *arguments):
        self.state_file = self.home / "state.json"
        self.state_file.unlink(missing_ok=True)
        self.viewer = subprocess.Popen(
            [BIN / "memoir", "view", "--size", f"{WIDTH}x{HEIGHT}", "--scale", "1",
             "--last-state", self.state_file, *arguments],
            env=self.env, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, self.viewer)
        self.window = self.xdotool("search", "--sync", "--onlyvisible", "--name",
                                   "^Memoir$").split()[-1]
        self.xdotool("windowfocus", self.window)
        self.arguments = arguments

    def stop(self, viewer):
        if viewer.poll() is None:
            viewer.kill()
        viewer.wait()
        viewer.stderr.close()

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True,
                              capture_output=True, text=True, timeout=PATIENCE).stdout

    def keys(self, *keys):
        self.xdotool("key", "--delay", "30", *keys)

    def place(self, name, script=""):
        """The middle of what carries the name, after the lines of a script."""
        drawn = subprocess.run(
            [BIN / "memoir-viewer", "--size", f"{WIDTH}x{HEIGHT}", "--scale", "1", "--script",
             "-", *self.arguments], env={**self.env, "DISPLAY": ""}, check=True,
            input=script + "wait\ndump\n", capture_output=True, text=True).stdout
        for item in json.loads(drawn)["items"]:
            if item["name"] == name:
                return (int(item["x"] + item["width"] / 2), int(item["y"] + item["height"] / 2))
        raise AssertionError(f"{name} is not in sight")

    def click(self, name, script=""):
        x, y = self.place(name, script)
        self.xdotool("mousemove", "--window", self.window, x, y, "sleep", "0.2", "click", 1)

    def quit(self):
        """Ends it as people do; what was in sight last."""
        time.sleep(0.5)  # what was clicked is drawn
        self.keys("ctrl+q")
        self.assertEqual(self.viewer.wait(PATIENCE), 0, self.viewer.stderr.read())
        return json.loads(self.state_file.read_text())

    def items(self, state):
        return {item["name"]: item["text"] for item in state["items"]}

    def test_opens_a_trace_selects_and_quits(self):
        self.start(self.trace)
        self.keys("2")
        self.click("leaks.row.0", "panel leaks\n")
        state = self.quit()
        self.assertEqual(state["view"]["panel"], "leaks")
        self.assertNotEqual(state["view"]["stack"], 0)
        self.assertIn("leaks.total", self.items(state))

    def test_filters_by_what_is_typed(self):
        self.start(self.trace)
        self.keys("2", "slash")
        self.xdotool("type", "--delay", "30", "fn:main")
        self.keys("Return")
        state = self.quit()
        self.assertEqual(state["view"]["filter"], "fn:main")
        self.assertIn("chip.filter", self.items(state))

    def test_no_key_is_lost(self):
        self.start(self.trace)
        for _ in range(10):
            self.keys("ctrl+Tab")
        state = self.quit()
        panels = [item for item in self.items(state) if item.startswith("tab.")]
        names = [name.removeprefix("tab.") for name in panels]
        self.assertIn(state["view"]["panel"], names)
        order = subprocess.run([BIN / "memoir-viewer", "--panel", "no such"],
                               capture_output=True, text=True).stderr
        order = order.strip().rsplit("there are ", 1)[1].split(", ")
        self.assertEqual(state["view"]["panel"], order[10 % len(order)])

    def test_zooms_and_chooses_a_stretch_of_time(self):
        self.start(self.trace)
        x, y = self.place("timeline")
        self.xdotool("mousemove", "--window", self.window, x, y, "sleep", "0.2", "click", 4,
                     "click", 4)
        self.xdotool("mousemove", "--window", self.window, x - 200, y, "mousedown", 1,
                     "mousemove", "--window", self.window, x, y, "sleep", "0.2",
                     "mousemove", "--window", self.window, x + 200, y, "sleep", "0.2",
                     "mouseup", 1)
        state = self.quit()
        begin, end = state["view"]["range"]
        self.assertLess(begin, end)
        seen = [int(t) for t in self.items(state)["timeline"].split()]
        self.assertLess(seen[0], begin)
        self.assertLess(seen[1] - seen[0], 10 * (end - begin))

    def test_compares_two_traces(self):
        other = self.home / "other.memoir"
        if not other.exists():
            self.record(other, "1")
        self.start(self.trace, other)
        state = self.quit()
        self.assertNotIn("notice", self.items(state))

    def test_follows_a_program_that_runs(self):
        growing = self.home / "growing.memoir"
        growing.unlink(missing_ok=True)
        program = subprocess.Popen(
            [BIN / "memoir", "run", "-q", "-o", growing, "--", PROGRAM, "6"],
            stdout=subprocess.DEVNULL, cwd=self.home)
        self.addCleanup(program.wait)
        wait_until(lambda: growing.exists() and growing.stat().st_size > 0, "a trace")
        time.sleep(1)
        self.start(growing)
        time.sleep(1)
        first = self.quit()
        self.assertIn("top.live", self.items(first))
        # And until its end, which takes the word LIVE away.
        self.start(growing)
        self.assertEqual(program.wait(PATIENCE), 0)
        time.sleep(1.5)
        last = self.quit()
        self.assertNotIn("top.live", self.items(last))

        def events(state):
            return int(self.items(state)["top.summary"].split()[0].replace(",", ""))
        self.assertGreater(events(last), events(first))

    def test_takes_no_processor_while_nothing_happens(self):
        self.start(self.trace)
        time.sleep(1.5)

        def ticks():
            fields = pathlib.Path(f"/proc/{self.viewer.pid}/stat").read_text().rsplit(")")[1]
            return sum(map(int, fields.split()[11:13]))
        before = ticks()
        time.sleep(2)
        # Four frames a second are drawn, in software here.
        self.assertLess(ticks() - before, os.sysconf("SC_CLK_TCK") * 2 * 0.5)
        self.quit()


class WithoutADisplay(unittest.TestCase):
    def test_says_what_to_do(self):
        env = {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""}
        run = subprocess.run([BIN / "memoir-viewer"], env=env, capture_output=True, text=True)
        self.assertEqual(run.returncode, 2)
        self.assertIn("--screenshot", run.stderr)
        self.assertEqual(run.stderr.count("\n"), 1)


if __name__ == "__main__":
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            print(f"{tool} is not installed")
            sys.exit(77)
    unittest.main()
