#!/usr/bin/env python3
"""Who talks nonsense to the collector, or fills its memory with it, harms himself at most:
the collector lives, keeps nothing, and records everybody else to the last event."""
import os
import pathlib
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import unittest

from memoir_test import HUNG, MemoirTest, program
from session_client import (HELLO, MAGIC, SOURCES, VERSION, Client, change_header,
                            make_memory, read_header)

NOBODY = 65534


class HostileTest(MemoirTest):
    def setUp(self):
        super().setUp()
        self.dice = random.Random(7)

    def start(self, *command):
        """A program that is being recorded; the name of the session."""
        process, path = self.start_recording(
            *command, options=["--option", "max_threads=3", "--option", "depot_nodes=20000"])
        self.assertEqual(b"ready\n", process.stdout.readline())
        child = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True,
                               check=True).stdout.split()[0].decode()
        with open(f"/proc/{child}/environ", "rb") as file:
            (name,) = [entry.split(b"=", 1)[1] for entry in file.read().split(b"\0")
                       if entry.startswith(b"MEMOIR_SESSION=")]
        self.page = read_header(child)
        return process, path, name

    def check_unharmed(self, process, path, strangers=False):
        """The recorded program is whole; nobody else is in the trace."""
        process.terminate()
        out, err = process.communicate(timeout=HUNG)
        self.assertEqual((22, b"terminated\n"), (process.returncode, out))
        for line in err.splitlines():
            self.assertRegex(line, b"^memoir: ")
        trace = self.open_trace(path)
        trace.db.text_factory = lambda text: text.decode(errors="replace")
        rows = trace.processes()
        if not strangers:
            self.assertEqual(1, len(rows))
        self.assertEqual(("exit:22", 2, 300, 1, 0), tuple(rows[0][column] for column in (
            "end", "allocations", "live_bytes", "complete", "dropped")))
        return trace, err

    def descriptors(self, process):
        """How many sockets, processes and memories are open: not files, which come and go as
        names are looked up."""
        folder, count = pathlib.Path(f"/proc/{process.pid}/fd"), 0
        for descriptor in folder.iterdir():
            try:
                target = os.readlink(descriptor)
            except FileNotFoundError:
                continue
            count += not target.startswith("/") or target.startswith("/memfd:")
        return count

    def resident(self, process):
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1])

    def refuse(self, name, message, descriptors=()):
        client = Client(name)
        try:
            client.send(message, descriptors)
        except OSError:
            pass  # refused before it was sent
        self.assertFalse(client.accepted(), message[:64])
        for descriptor in descriptors:
            os.close(descriptor)

    def forged_memories(self):
        """Descriptors that are not what they should be."""
        good, size = change_header(self.page)
        yield os.open("/dev/null", os.O_RDWR)
        yield os.open(self.folder, os.O_RDONLY)
        yield os.pipe()[0]
        yield socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).detach()
        yield os.open(self.folder / "file", os.O_RDWR | os.O_CREAT)
        yield make_memory(good, size, seals=0)
        yield make_memory(good, size, seals=2)  # it cannot shrink, but grow
        yield make_memory(b"")
        yield make_memory(b"x" * 64)
        yield make_memory(good, 4096)
        yield make_memory(good, size - 1)
        for changes in ({"magic": 1}, {"version": VERSION + 1}, {"slots": 0}, {"slots": 1000},
                        {"slots": 1 << 25}, {"slots": 1 << 31}):
            page, size = change_header(self.page, **changes)
            yield make_memory(page, max(size, 1 << 20))
        for _ in range(20):
            yield make_memory(change_header(self.page, layout=self.dice.randbytes(72))[0],
                              1 << 24)
            yield make_memory(self.dice.randbytes(4096), 1 << 24)

    def test_nonsense(self):
        process, path, name = self.start(program("minds_signals"))
        before, resident = self.descriptors(process), self.resident(process)
        for size in (0, 1, 23, 24, 25, 100, 100000):
            self.refuse(name, self.dice.randbytes(size))
            self.refuse(name, HELLO[:size])
        self.refuse(name, HELLO)  # no memory
        self.refuse(name, HELLO + b"more")
        self.refuse(name, struct.pack("<QIIQ", MAGIC, VERSION + 1, 0, 0),
                    [os.open("/dev/null", os.O_RDONLY)])
        for memory in self.forged_memories():
            self.refuse(name, HELLO, [memory])
        for count in (2, 3, 50, 253):
            self.refuse(name, HELLO, [os.open("/dev/null", os.O_RDONLY)
                                      for _ in range(count)])
            self.refuse(name, b"x", [os.open("/dev/null", os.O_RDONLY)
                                     for _ in range(count)])
        for _ in range(100):
            Client(name).socket.close()
        self.wait_for("all descriptors closed", lambda: self.descriptors(process) == before)
        self.assertLess(self.resident(process), resident + 32 * 1024)
        self.check_unharmed(process, path)

    def test_who_says_nothing(self):
        """Connections that wait do not keep others from being recorded."""
        process, path, name = self.start("bash", "-c",
                                         f"{program('minds_signals')} & "
                                         "trap 'kill $!' TERM; wait; wait $!")
        silent = [Client(name) for _ in range(20)]
        process.send_signal(signal.SIGTERM)
        self.assertEqual(b"terminated\n", process.stdout.readline())
        process.communicate(timeout=HUNG)
        for client in silent:
            client.socket.close()
        (row,) = [row for row in self.open_trace(path).processes()
                  if row["executable"] == str(program("minds_signals"))]
        self.assertEqual(("exit:22", 300, 1), (row["end"], row["live_bytes"],
                                               row["complete"]))

    def test_forged_sessions(self):
        """A valid beginning, and noise in the rest: a row that says little, no harm."""
        process, path, name = self.start(program("minds_signals"))
        resident = self.resident(process)
        code = ("import sys, session_client\n"
                "session_client.forge(*map(bytes.fromhex, sys.argv[1:3]), int(sys.argv[3]))")
        for seed in range(8):
            done = subprocess.run(
                [sys.executable, "-c", code, name.hex(), self.page.hex(), str(seed)],
                capture_output=True, timeout=HUNG, check=False)
            self.assertEqual((0, b""), (done.returncode, done.stderr))
        self.assertLess(self.resident(process), resident + 256 * 1024)
        trace, _ = self.check_unharmed(process, path, strangers=True)
        self.assertEqual(9, len(trace.processes()))
        self.assertNotIn("running", trace.ends())
        for command in ("report", "leaks", "sites"):
            run = self.memoir(command, path)
            self.assertEqual(0, run.status, run.err)

    def test_another_user(self):
        if os.getuid() != 0:
            self.skipTest("only root can become somebody else")
        process, path, name = self.start(program("minds_signals"))
        before = self.descriptors(process)
        code = ("import sys; sys.path.insert(0, sys.argv[1]); import session_client as s\n"
                "for i in range(50):\n"
                "    client = s.Client(bytes.fromhex(sys.argv[2]))\n"
                "    try:\n"
                "        client.send(s.HELLO, [s.make_memory(bytes.fromhex(sys.argv[3]))])\n"
                "    except OSError:\n"
                "        pass\n"
                "    assert not client.accepted()\n")
        self.folder.chmod(0o755)
        for file in ("tests/support/session_client.py", "runtime/wire/event.h",
                     "runtime/wire/session_memory.h"):
            subprocess.run(["install", "-D", "-m", "644", SOURCES / file,
                            self.folder / file], check=True)
        done = subprocess.run(
            ["setpriv", "--reuid", str(NOBODY), "--clear-groups", "/usr/bin/python3", "-c",
             code, self.folder / "tests/support", name.hex(), self.page.hex()],
            capture_output=True, timeout=HUNG, check=False)
        self.assertEqual((0, b""), (done.returncode, done.stderr))
        self.wait_for("all descriptors closed", lambda: self.descriptors(process) == before)
        self.check_unharmed(process, path)

    def test_scribbles(self):
        """A program that writes all over its own session, and its neighbour."""
        for page in (0, 1, 2, 17, 150, 600):
            with self.subTest(page=page):
                run = self.record("bash", "-c", f"{program('scribbles')} {page} & "
                                  f"{program('exact_lines')}; wait $!", options=["-q"])
                self.assertEqual((5, b"done\n"), (run.status, run.out))
                for line in run.error_lines():
                    self.assertRegex(line, "^memoir: ")
                (row,) = [row for row in run.trace.processes()
                          if row["executable"] == str(program("exact_lines"))]
                self.assertEqual((1355, 1276, 79, "exit:0", 1), tuple(
                    row[column] for column in ("allocations", "frees", "live_blocks", "end",
                                               "complete")))
                for command in ("report", "leaks", "sites"):
                    self.assertEqual(0, self.memoir(command, run.trace.path).status)


if __name__ == "__main__":
    sys.exit(unittest.main())
