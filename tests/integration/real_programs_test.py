#!/usr/bin/env python3
"""Real programs behave under `memoir run` as they do alone: the same output, the same files,
the same exit status."""
import hashlib
import os
import random
import shutil
import sys
import unittest

from memoir_test import HUNG, MemoirTest, clean_environment, program


def content_of(folder):
    """Every file below a folder, by its relative name: a hash of what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[str(path.relative_to(folder))] = hashlib.sha256(
                path.read_bytes()).hexdigest()
    return found


class RealProgramsTest(MemoirTest):
    """Each program runs twice in the same folder, which is made anew for each run."""

    def setUp(self):
        super().setUp()
        self.workplace = self.folder / "workplace"

    def compare(self, *command, prepare=None, status=0, least=1, stderr=True, **more):
        """Runs a command with and without Memoir; returns the recorded run."""
        if shutil.which(os.fspath(command[0])) is None:
            self.skipTest(f"{command[0]} is not installed")
        more["env"] = clean_environment(LC_ALL="C", TZ="UTC", **more.pop("variables", {}))
        runs, files = [], []
        for go, options in ((self.run_alone, {}), (self.record, {"options": ["-q"]})):
            shutil.rmtree(self.workplace, ignore_errors=True)
            self.workplace.mkdir()
            if prepare is not None:
                prepare(self.workplace)
            runs.append(go(*command, cwd=self.workplace, timeout=3 * HUNG, **options, **more))
            files.append(content_of(self.workplace))
        alone, recorded = runs
        if status is None:
            status = alone.status  # whatever it is in this version
        self.assertEqual(status, alone.status, alone.err)
        self.assertEqual((alone.status, alone.out), (recorded.status, recorded.out))
        if stderr:
            self.assertEqual(alone.err, recorded.err)
        self.assertEqual(files[0], files[1])
        trace = recorded.trace
        self.assertNotIn("running", trace.ends())
        self.assertEqual(f"exit:{status}", trace.processes()[0]["end"])
        self.assertGreaterEqual(trace.value("SELECT sum(allocations) FROM processes"), least)
        self.assertEqual(0, trace.value("SELECT sum(dropped) FROM processes"))
        self.assertEqual([], trace.rows("SELECT kind, message, function FROM faults"))
        self.assertEqual(0, self.memoir("report", trace.path).status)
        return recorded

    def test_jq(self):
        dice = random.Random(1)
        rows = ",".join(f'{{"id":{i},"name":"row {i}","value":{dice.random()}}}'
                        for i in range(3000))
        self.compare("jq", "map(select(.id % 3 == 0)) | group_by(.id % 7) | map(length)",
                     input=f"[{rows}]".encode(), least=10000)

    def test_jq_that_fails(self):
        self.compare("jq", ".", input=b"{ this is no JSON", status=None)

    def test_sqlite3(self):
        self.compare("sqlite3", "made.db", input=b"""
            CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
              INSERT INTO t SELECT i, printf('row %d', i * 7919 % 20011) FROM n;
            CREATE INDEX x ON t(b);
            SELECT count(*), min(b), max(b) FROM t;
            SELECT b FROM t ORDER BY b LIMIT 5;""", least=1000)

    def test_python(self):
        code = ("import json, threading\n"
                "rows = [{'i': i, 's': 'x' * (i % 50)} for i in range(5000)]\n"
                "text = json.dumps(rows)\n"
                "found = []\n"
                "def work(n): found.append(sum(len(r['s']) for r in json.loads(text)) + n)\n"
                "threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]\n"
                "[t.start() for t in threads]; [t.join() for t in threads]\n"
                "print(sorted(found))\n"
                "open('made.json', 'w').write(text)\n"
                "raise SystemExit(3)\n")
        self.compare(os.path.realpath(sys.executable), "-c", code, status=3, least=50000,
                     variables={"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"})

    def test_clang(self):
        def prepare(folder):
            (folder / "small.cpp").write_text(
                "#include <string>\n#include <vector>\n"
                "int count(const std::vector<std::string>& v) {\n"
                "  int n = 0;\n  for (const auto& s : v) n += int(s.size());\n"
                "  return n;\n}\n")
        self.compare("clang++", "-std=c++17", "-O1", "-g", "-c", "small.cpp", "-o",
                     "small.o", prepare=prepare, least=10000)
        self.assertTrue((self.workplace / "small.o").exists())

    def test_clang_that_fails(self):
        self.compare("clang++", "-c", "missing.cpp", status=1)

    def test_git(self):
        script = ("set -e\n"
                  "git init -q -b main .\n"
                  "for i in 1 2 3; do echo line $i >file$i; git add file$i; "
                  "git commit -q -m \"change $i\"; done\n"
                  "git mv file1 renamed; git commit -q -am renamed\n"
                  "git log --format='%H %s' --stat; git gc -q; git fsck --strict\n")
        variables = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
                     for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"),
                                         ("DATE", "2020-01-02T03:04:05Z"))}
        variables.update(GIT_CONFIG_NOSYSTEM="1", HOME=str(self.folder))
        # The index holds times of files; everything else must be the same, by its hash.
        script += "rm .git/index\necho done\n"
        run = self.compare("bash", "-c", script, variables=variables, least=1000)
        commands = [process["command"] for process in run.trace.processes()]
        self.assertGreaterEqual(len([c for c in commands if c.startswith("git commit")]), 4)

    def test_cmake(self):
        def prepare(folder):
            (folder / "CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.16)\nproject(tiny LANGUAGES NONE)\n"
                "file(GLOB names RELATIVE ${CMAKE_SOURCE_DIR} *)\nlist(SORT names)\n"
                "foreach(i RANGE 500)\n  string(SHA1 h \"${h}${i}\")\nendforeach()\n"
                "message(STATUS \"${names} ${h}\")\n"
                "file(WRITE ${CMAKE_BINARY_DIR}/made.txt \"${h}\")\n")
        self.compare("cmake", "-S", ".", "-B", "build", "-G", "Unix Makefiles",
                     prepare=prepare, least=10000)

    def test_bash(self):
        script = ("declare -A seen\nfor i in {1..300}; do seen[$((i % 17))]+=x; done\n"
                  "for k in $(printf '%s\\n' \"${!seen[@]}\" | sort -n); do "
                  "echo $k ${#seen[$k]}; done\n"
                  "(echo sub; exit 3); echo $? | cat; echo warning >&2\n"
                  "trap 'echo bye' EXIT\nexit 42\n")
        self.compare("bash", "-c", script, status=42, least=1000)

    def test_gzip(self):
        def prepare(folder):
            dice = random.Random(2)
            (folder / "big").write_bytes(bytes(dice.choices(b"abcdefgh", k=500000)))
        self.compare("gzip", "-9n", "big", prepare=prepare)
        self.assertEqual(["big.gz"], os.listdir(self.workplace))

    def test_find(self):
        def prepare(folder):
            for i in range(200):
                (folder / f"d{i % 10}").mkdir(exist_ok=True)
                (folder / f"d{i % 10}/f{i}").write_text(str(i))
        self.compare("find", ".", "-name", "f*7", "-exec", "cat", "{}", "+",
                     prepare=prepare, least=10)

    def test_make_runs_compilers_at_once(self):
        def prepare(folder):
            for i in range(4):
                (folder / f"f{i}.c").write_text(f"int f{i}(int x) {{ return x + {i}; }}\n")
            (folder / "Makefile").write_text(
                "all: f0.o f1.o f2.o f3.o\n%.o: %.c\n\t@gcc -O1 -c $< -o $@\n")
        run = self.compare("make", "-j4", prepare=prepare, least=10000)
        commands = [process["executable"] for process in run.trace.processes()]
        self.assertEqual(4, len([c for c in commands if c.endswith("/cc1")]))

    def test_make_of_a_project(self):
        """One row for each image of each process, under the right parent."""
        def prepare(folder):
            for i in range(3):
                (folder / f"f{i}.c").write_text(
                    f"int f{i}(int x) {{ return x * {i + 2}; }}\n")
            (folder / "main.c").write_text(
                "int f0(int), f1(int), f2(int);\n"
                "int main(void) { return f0(f1(f2(1))) - 24; }\n")
            (folder / "Makefile").write_text(
                "all: program\n\t@./program\n"
                "program: main.o f0.o f1.o f2.o\n\t@gcc -o $@ $^\n"
                "%.o: %.c\n\t@gcc -O1 -c $< -o $@\n")
        run = self.compare("make", "-j2", prepare=prepare, least=10000)
        rows = run.trace.processes()
        by_number = {row["process"]: row for row in rows}
        by_name = {}
        for row in rows:
            by_name.setdefault(os.path.basename(row["executable"]), []).append(row)
            self.assertEqual(1, row["complete"])
            self.assertIn(row["end"], ("exit:0", "exec"))
        (make,) = by_name["make"]

        def ancestors(row):
            while row["parent"] in by_number:
                row = by_number[row["parent"]]
                yield row["process"]

        compiled = sorted(next(word for word in row["command"].split() if word.endswith(".c"))
                          for row in by_name["cc1"])
        self.assertEqual(["f0.c", "f1.c", "f2.c", "main.c"], compiled)
        drivers = {row["process"] for row in rows if "gcc" in row["executable"]}
        self.assertGreaterEqual(len(drivers), 5)
        for name in ("cc1", "as", "collect2"):
            tools = [row for found, group in by_name.items() for row in group
                     if found == name or found.endswith(f"-{name}")]
            self.assertEqual(1 if name == "collect2" else 4, len(tools), name)
            for row in tools:
                self.assertIn(row["parent"], drivers)
                self.assertIn(make["process"], ancestors(row))
        (program_row,) = by_name["program"] if "program" in by_name else (make,)
        self.assertIn(make["process"], [program_row["process"], *ancestors(program_row)])

    def test_sort_on_several_threads(self):
        self.compare("sort", "--parallel=4", "-n", input="".join(
            f"{i * 7919 % 100003}\n" for i in range(100000)).encode())

    def test_many_short_children(self):
        run = self.compare("xargs", "-P", "8", "-n", "1", "true", input=b"x\n" * 40)
        self.assertEqual(["exit:0"], sorted(set(run.trace.ends()) - {"exec"}))

    def test_perl_that_forks(self):
        self.compare("perl", "-e", "$| = 1; for (1..20) { if (!fork) { my %h; "
                     "$h{$_} = [1..9] for 1..500; exit $_ } } "
                     "while (wait > 0) { $s += $? >> 8 } print \"$s\\n\"", least=10000)

    def test_node(self):
        self.compare("node", "-e", "console.log([...Array(9999).keys()].map(String).length)",
                     least=10000)

    def test_threaded_program(self):
        run = self.compare(program("exchange_blocks"), least=64000)
        self.assertEqual(9, len(run.trace.rows("SELECT * FROM threads")))


if __name__ == "__main__":
    sys.exit(unittest.main())
