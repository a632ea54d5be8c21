"""What the integration tests share: running programs with and without Memoir, and reading
the traces.

The environment says what to test: MEMOIR (the command) and MEMOIR_PROGRAMS (the folder of
tests/programs, built). MEMOIR_TEST_OPTIONS are options of the runtime for every recording.
Time limits here mean "it hangs", never "it is slow".
"""
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

MEMOIR = pathlib.Path(os.environ.get("MEMOIR", "memoir"))
PROGRAMS = pathlib.Path(os.environ.get("MEMOIR_PROGRAMS", "."))
SOURCES = pathlib.Path(__file__).resolve().parent.parent / "programs"
PRELOAD_LIBRARY = MEMOIR.parent.parent / "lib/memoir/libmemoir_preload.so"
HUNG = 240  # seconds; a machine may be very busy


class Trace:
    """A trace as any program sees it that reads SQLite; events through `memoir sql`."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.db = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
        self.db.row_factory = sqlite3.Row

    def close(self):
        self.db.close()

    def rows(self, query, *values):
        return [dict(row) for row in self.db.execute(query, values)]

    def value(self, query, *values):
        return self.db.execute(query, values).fetchone()[0]

    def processes(self):
        return self.rows("SELECT * FROM processes")

    def only_process(self):
        (process,) = self.processes()
        return process

    def ends(self):
        return [process["end"] for process in self.processes()]

    def sites(self, file=None, **wanted):
        """Rows of `sites`, those of one source file (by its last name) on request."""
        rows = self.rows("SELECT * FROM sites")
        if file is not None:
            rows = [row for row in rows if file_name(row["file"]) == file]
        return [row for row in rows if all(row[k] == v for k, v in wanted.items())]

    def leaks(self, file=None):
        rows = self.rows("SELECT * FROM leaks")
        return [row for row in rows if file is None or file_name(row["file"]) == file]

    def stack(self, stack):
        """The program's own frames of a stack, innermost first, without parameters."""
        rows = self.rows("SELECT function FROM stack_frames WHERE stack = ? AND skip = 0 "
                         "ORDER BY depth", stack)
        return [plain_name(row["function"]) for row in rows]

    def select(self, query):
        """The answer of `memoir sql`, which also knows the events."""
        answer = subprocess.run([MEMOIR, "sql", "--json", self.path, query], text=True,
                                capture_output=True, timeout=HUNG, check=False)
        if answer.returncode != 0:
            raise AssertionError(f"memoir sql {query}: {answer.stderr}")
        return json.loads(answer.stdout)

    def events_by_api(self):
        rows = self.select("select api, count(*) as n from events group by api")
        return {row["api"]: row["n"] for row in rows}


class Run:
    """How a program ended: its status as subprocess tells it, what it wrote, its trace."""

    def __init__(self, done, trace=None):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.trace = trace

    def error_lines(self):
        return self.err.decode(errors="replace").splitlines()


def file_name(path):
    return None if path is None else pathlib.PurePath(path).name


def plain_name(function):
    """A function's name without its parameters and unnamed namespaces."""
    return function.replace("(anonymous namespace)::", "").split("(")[0]


def program(name):
    path = PROGRAMS / name
    if not path.exists():
        raise AssertionError(f"{path} was not built")
    return path


def text(words):
    return [os.fspath(word) for word in words]


def clean_environment(**more):
    """The environment without what would redirect Memoir."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("LD_PRELOAD", "MEMOIR_OPTIONS", "MEMOIR_SESSION",
                            "MEMOIR_COLLECTOR")}
    if "MEMOIR_TEST_OPTIONS" in os.environ:
        kept["MEMOIR_OPTIONS"] = os.environ["MEMOIR_TEST_OPTIONS"]
    return {**kept, **{name: os.fspath(value) for name, value in more.items()}}


def process_is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


class MemoirTest(unittest.TestCase):
    """Gives every test a folder of its own, which is also where its programs run."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="memoir-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.traces = 0

    def run_alone(self, *command, timeout=HUNG, env=None, **options):
        return Run(subprocess.run(
            text(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
            check=False, env=env or clean_environment(),
            cwd=options.pop("cwd", self.folder), **options))

    def memoir(self, *words, **options):
        return self.run_alone(MEMOIR, *words, **options)

    @staticmethod
    def checks_memory():
        """Whether the programs are served by the checked heap."""
        return "mode=profile" not in os.environ.get("MEMOIR_TEST_OPTIONS", "")

    def new_trace_path(self):
        self.traces += 1
        return self.folder / f"run{self.traces}.memoir"

    def record(self, *command, options=(), **more):
        """`memoir run` on a command; its trace must exist and be finished."""
        path = self.new_trace_path()
        run = self.memoir("run", "-o", path, *options, "--", *command, **more)
        self.assertTrue(path.exists(), f"no trace of {command}: {run.err!r}")
        run.trace = self.open_trace(path)
        self.assertEqual("1", str(run.trace.value(
            "SELECT value FROM meta WHERE key = 'complete'")), "the trace is not finished")
        return run

    def start_recording(self, *command, path=None, options=(), **more):
        """`memoir run` in the background, in a process group of its own."""
        path = path or self.new_trace_path()
        process = subprocess.Popen(
            text([MEMOIR, "run", "-o", path, *options, "--", *command]),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
            env=clean_environment(), start_new_session=True, **more)
        self.addCleanup(self.end_session, process)
        return process, path

    @staticmethod
    def end_session(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.communicate()

    def open_trace(self, path):
        trace = Trace(path)
        self.addCleanup(trace.close)
        return trace

    def wait_for(self, what, condition, timeout=HUNG):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            answer = condition()
            if answer:
                return answer
            time.sleep(0.01)
        return self.fail(f"waited {timeout} s for {what}")

    def assert_one_line(self, run, *words):
        """Memoir said exactly one line on stderr, with these words in it."""
        lines = run.error_lines()
        self.assertEqual(1, len(lines), f"one line expected on stderr: {lines}")
        self.assertRegex(lines[0], r"^memoir( \w+)?: ")
        for word in words:
            self.assertIn(word, lines[0])
