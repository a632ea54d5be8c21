"""The programs that run_peers measures, and their inputs, which are the same each time."""
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional


@dataclass
class Workload:
    name: str
    command: list
    environment: dict = field(default_factory=dict)
    # Work from outside: the seconds that it took are the wall time.
    drive: Optional[Callable[[], float]] = None
    outside: tuple = ()  # names of the programs that do it
    missing: str = ""  # why it cannot be run


def found(program):
    return shutil.which(program) or ""


def real_program(name, command, **more):
    path = found(command[0])
    missing = "" if path else f"{command[0]} is not installed"
    return Workload(name, [path, *command[1:]], missing=missing, **more)


def json_file(path, megabytes):
    """Records as a log has them: nested, with texts, numbers and short lists."""
    dice = random.Random(1)
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
    with open(path, "w") as file:
        file.write("[")
        number = 0
        while file.tell() < megabytes * 1_000_000:
            record = {"id": number, "name": " ".join(dice.choices(words, k=3)),
                      "value": round(dice.random() * 1000, 3), "tags": dice.choices(words, k=4),
                      "place": {"x": dice.randrange(100), "y": dice.randrange(100),
                                "note": None if number % 3 else "n" * dice.randrange(40)}}
            file.write((", " if number else "") + json.dumps(record))
            number += 1
        file.write("]")
    return path


def sql_script(path, rows):
    path.write_text(f"""
PRAGMA cache_size = -65536;
CREATE TABLE item(id INTEGER PRIMARY KEY, grp INTEGER, name TEXT, value REAL);
BEGIN;
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {rows})
  INSERT INTO item SELECT i, (i * 7919) % 1000, 'item ' || ((i * 104729) % {rows}), i * 0.5 FROM c;
COMMIT;
CREATE INDEX item_name ON item(name);
CREATE INDEX item_grp ON item(grp);
SELECT grp, count(*), avg(value), max(name) FROM item GROUP BY grp ORDER BY 3 DESC LIMIT 3;
SELECT count(*) FROM item a JOIN item b ON a.name = b.name AND a.grp < 500;
SELECT group_concat(name, ',') IS NOT NULL, length(name) FROM item GROUP BY length(name);
""")
    return path


def source_file(path, smoke):
    headers = ["vector"] if smoke else ["bits/stdc++.h", "regex", "filesystem", "random"]
    path.write_text("".join(f"#include <{header}>\n" for header in headers) + """
std::vector<int> sorted(std::vector<int> numbers) {
  std::vector<int> out(numbers.rbegin(), numbers.rend());
  return out;
}
""" + ("" if smoke else """
std::map<std::string, std::vector<std::regex>> expressions;
bool matches(const std::string& text) {
  return std::any_of(expressions.begin(), expressions.end(), [&](const auto& entry) {
    return std::regex_search(text, entry.second.front());
  });
}
"""))
    return path


PYTHON = """
import json
records = [{"id": i, "name": "record %d" % i, "values": list(range(i % 20)),
            "place": {"x": i / 3, "y": str(i)}} for i in range(2000)]
total = 0
for round in range(ROUNDS):
    text = json.dumps(records)
    total += len(json.loads(text))
print(total)
"""


def python_script(path, rounds):
    path.write_text(PYTHON.replace("ROUNDS", str(rounds)))
    return path


def python_program():
    # Not a script that starts it, as version switchers have.
    for path in ("/usr/bin/python3", sys.executable):
        if os.path.exists(path):
            return os.path.realpath(path)
    return ""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def redis_workload(requests):
    """The server is what is recorded; a client in another process keeps it busy."""
    if not (found("redis-server") and found("redis-benchmark") and found("redis-cli")):
        return Workload("redis-server", [], missing="redis-server is not installed")
    port = str(free_port())

    def drive():
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                    break
            time.sleep(0.05)
        begin = time.monotonic()
        subprocess.run([found("redis-benchmark"), "-p", port, "-q", "-n", str(requests), "-c", "20",
                        "-r", "100000", "-d", "64", "-t", "set,get,lpush,lpop,sadd,hset"],
                       check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - begin
        subprocess.run([found("redis-cli"), "-p", port, "shutdown", "nosave"], check=True,
                       stdout=subprocess.DEVNULL)
        return seconds

    return Workload("redis-server", [found("redis-server"), "--port", port, "--save", "",
                                     "--appendonly", "no", "--daemonize", "no"], drive=drive,
                    outside=("redis-benchmark", "redis-cli"))


def workloads(build, scratch, smoke):
    small = 100 if smoke else 1
    yield real_program("jq", ["jq", "map(select(.value > 500) | {id, name, n: (.tags | length)}) "
                              "| group_by(.n) | map(length)",
                              json_file(scratch / "input.json", 10 / small)])
    yield real_program("sqlite3", ["sqlite3", ":memory:", ".read " + str(sql_script(
        scratch / "input.sql", 300_000 // small))])
    yield real_program("clang++", ["clang++", "-std=c++20", "-fsyntax-only",
                                   source_file(scratch / "input.cpp", smoke)])
    python = python_program()
    yield Workload("python3", [python, python_script(scratch / "input.py", 100 // small)],
                   environment={"PYTHONMALLOC": "malloc"},
                   missing="" if python else "python3 is not installed")
    yield redis_workload(50_000 // small)
    kernels = Path(build) / "bench/kernels"
    for name in ("shallow", "deep", "threads2", "threads4", "handover", "churn"):
        yield Workload(f"kernel {name}", [kernels, name, str(4_000_000 // (small * small))])
    yield Workload("50 M events", [Path(build) / "bench/many_events",
                                   str(50_000_000 // (small * small))])
