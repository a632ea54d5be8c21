#!/usr/bin/env python3
"""The installed tree alone is enough: a small outside project finds memoir::runtime there,
is recorded by running it, and its unlinked twin is recorded by the installed memoir."""
import glob
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

build = pathlib.Path(os.environ["MEMOIR_BUILD_DIR"])
project = pathlib.Path(__file__).resolve().parent / "outside_project"


def run(*command, **options) -> str:
    done = subprocess.run([str(word) for word in command], text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode != 0:
        sys.exit(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def rows_of(value):
    """Every object in a JSON document that tells of a function."""
    if isinstance(value, dict):
        if "function" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from rows_of(item)


def check_trace(memoir, trace):
    sites = json.loads(run(memoir, "sites", trace, "--json"))
    found = {row["function"]: row for row in rows_of(sites)}
    for function, allocations, live_bytes in (("outside_leak", 3, 3000), ("outside_use", 5, 0)):
        row = next((found[name] for name in found if function in name), None)
        if row is None:
            sys.exit(f"{trace}: no site in {function}; sites are in {sorted(found)}")
        if (row["allocations"], row["live_bytes"]) != (allocations, live_bytes):
            sys.exit(f"{trace}: {function} has {row}")


def wait_until_finished(memoir, folder):
    """The collector of a linked program outlives it by a moment."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        traces = glob.glob(f"{folder}/linked.*.memoir")
        if traces:
            report = subprocess.run([memoir, "report", traces[0], "--json"], text=True,
                                    capture_output=True)
            if report.returncode == 0 and json.loads(report.stdout)["state"] == "complete":
                return traces[0]
        time.sleep(0.1)
    sys.exit(f"no finished trace appeared: {os.listdir(folder)}")


with tempfile.TemporaryDirectory() as folder:
    prefix, outside = pathlib.Path(folder, "prefix"), pathlib.Path(folder, "build")
    run("cmake", "--install", build, "--prefix", prefix)
    run("cmake", "-S", project, "-B", outside, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", outside)
    memoir = prefix / "bin/memoir"

    needed = run("readelf", "--dynamic", outside / "linked")
    if "libmemoir_preload.so" not in needed:
        sys.exit(f"the library was not linked:\n{needed}")

    traces = pathlib.Path(folder, "traces")
    traces.mkdir()
    if run(memoir, "run", "-o", traces / "plain.memoir", "--", outside / "plain") != "8\n":
        sys.exit("the recorded program wrote something else")
    check_trace(memoir, traces / "plain.memoir")

    if run(outside / "linked", cwd=traces) != "8\n":
        sys.exit("the linked program wrote something else")
    check_trace(memoir, wait_until_finished(memoir, traces))
