"""Runs a command and measures what it and everything it starts use."""
import ctypes
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_SECONDS = 0.02
SELF = os.readlink("/proc/self/exe")


def children_of(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            text = Path(f"/proc/{pid}/task/{task}/children").read_text()
            found += [int(word) for word in text.split()]
    except OSError:
        pass
    return found


class MemoryWatch(threading.Thread):
    """Looks again and again at the peak memory of each process below this one. What it sees
    of a process is a little less than its true peak if that came in its last moment."""

    def __init__(self, program, outside):
        super().__init__(daemon=True)
        self.program = program  # its executable
        self.outside = outside  # names of executables that are no part of it
        self.peaks = {}  # by pid: MB, and whether it is the program
        self.program_seen = None  # when it was there for the last time
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(SAMPLE_SECONDS):
            waiting = children_of(os.getpid())
            while waiting:
                pid = waiting.pop()
                waiting += children_of(pid)
                self.look_at(pid)

    def look_at(self, pid):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            executable = os.readlink(f"/proc/{pid}/exe")
        except OSError:
            return
        if os.path.basename(executable) in self.outside:
            return
        # Valgrind's tool is the program and what watches it in one.
        is_program = executable == self.program or "valgrind" in executable
        if not is_program and executable == SELF:
            return  # about to be something else
        if is_program:
            self.program_seen = time.monotonic()
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                key = (pid, executable)
                self.peaks[key] = (int(line.split()[1]) / 1024, is_program)

    def memory(self, program):
        return sum(peak for peak, is_program in self.peaks.values() if is_program == program)


def run_below(command, workload, log, environment):
    """In a process of its own, to whom orphans come."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    watch = MemoryWatch(os.path.realpath(workload.command[0]), workload.outside)
    with open(log, "wb") as output, open(os.devnull, "rb") as nothing:
        actions = [(os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                   (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                   (os.POSIX_SPAWN_DUP2, output.fileno(), 2)]
        watch.start()
        begin = time.monotonic()
        words = [os.fspath(word) for word in command]
        variables = {**os.environ, **workload.environment, **environment}
        main = os.posix_spawnp(words[0], words, variables, file_actions=actions)
    driven, undriven = None, False
    try:
        driven = workload.drive() if workload.drive else None
    except subprocess.CalledProcessError:  # nobody there to work with
        undriven = True
        os.kill(main, signal.SIGTERM)
    cpu, status, end = 0.0, None, None
    while True:
        try:
            pid, waited, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        # That of its own children, if it waited for them, is in it.
        cpu += usage.ru_utime + usage.ru_stime
        if pid == main:
            status, end = os.waitstatus_to_exitcode(waited), time.monotonic()
            # What the program itself left behind would be waited for without end.
            for left in children_of(os.getpid()):
                if status != 0:
                    os.kill(left, signal.SIGTERM)
    watch.over.set()
    watch.join()
    seen = watch.program_seen or end
    if undriven and status == 0:
        status = 1
    return {"status": status, "wall": driven if driven is not None else end - begin,
            "cpu": cpu, "after": max(0.0, end - seen), "program_mb": watch.memory(True),
            "others_mb": watch.memory(False)}


def measure(command, workload, log, environment):
    """wall and CPU seconds, megabytes at the peak of the program and of all others, the
    seconds between the program's end and the command's, and the command's exit status."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(read)
            with os.fdopen(write, "w") as answer:
                json.dump(run_below(command, workload, log, environment), answer)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    if not text:
        raise SystemExit(f"run_peers: {workload.name} could not be measured")
    return json.loads(text)
