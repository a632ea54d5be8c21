#!/usr/bin/env python3
"""What a program leaves running when it ends is recorded to its own end, or until Ctrl-C."""
import signal
import sys
import unittest

from memoir_test import HUNG, MemoirTest, process_is_alive, program


class DaemonsTest(MemoirTest):
    def recorded(self, path):
        """Ends and lost bytes, the program first; a child that never allocated has no row."""
        rows = sorted(self.open_trace(path).processes(), key=lambda row: row["pid"])
        for row in rows[1:]:
            self.assertEqual(rows[0]["pid"], row["parent_pid"])
        return [(row["end"], row["live_bytes"]) for row in rows]

    def start(self, *arguments):
        """Returns when the program has ended and its daemon has not."""
        process, path = self.start_recording(program("leaves_daemon"), *arguments)
        self.assertRegex(process.stderr.readline(),
                         b"^memoir: the program has ended; 1 process ")
        self.assertIsNone(process.poll())
        return process, path

    def test_daemon_is_recorded_to_its_end(self):
        for arguments, lost in (([], 300), (["early"], 305)):
            with self.subTest(arguments):
                process, path = self.start(*arguments)
                (self.folder / "go").touch()
                process.communicate(timeout=HUNG)
                self.assertEqual(3, process.returncode)
                self.assertEqual([("exit:3", 20), ("exit:8", lost)], self.recorded(path))
                (self.folder / "go").unlink()

    def test_interrupt_ends_the_wait(self):
        process, path = self.start("early")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=HUNG)
        self.assertEqual(3, process.returncode)
        self.assertEqual([("exit:3", 20), ("running", 5)], self.recorded(path))
        self.assertEqual(0, self.memoir("report", path).status)
        # The daemon itself goes on, unrecorded.
        pid = max(row["pid"] for row in self.open_trace(path).processes())
        self.assertTrue(process_is_alive(pid))
        (self.folder / "go").touch()
        self.wait_for("the daemon's end", lambda: not process_is_alive(pid))


if __name__ == "__main__":
    sys.exit(unittest.main())
