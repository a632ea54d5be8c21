#!/usr/bin/env python3
"""Other projects can link Memoir: from the installed tree with CMake and pkg-config, and as a
part of their own build, by add_subdirectory and FetchContent; each shared and inside the
program, with gcc and with clang. A program that links it is recorded and checked by running
it."""
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

build = pathlib.Path(os.environ["MEMOIR_BUILD_DIR"])
project = pathlib.Path(__file__).resolve().parent / "outside_project"
sources = project.parents[2]
# How else a program may be linked: with the first program, where it is installed.
otherwise_linked = (("ld.gold", "-fuse-ld=gold"), ("ld.lld", "-fuse-ld=lld"), (None, "-flto"),
                    (None, "-no-pie", "-fno-pie"), (None, "-static-libstdc++"))
bare = {name: value for name, value in os.environ.items() if not name.startswith("MEMOIR")}
bare["CCACHE_NOHASHDIR"] = "1"  # each build is in a new folder


def attempt(*command, **options):
    return subprocess.run([str(word) for word in command], text=True, timeout=1500,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=bare | options.pop(
                              "more", {}), **options)


def run(*command, **options) -> str:
    done = attempt(*command, **options)
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
    processes = run(memoir, "sql", trace, "SELECT count(*) FROM process").split()
    if "1" not in processes:
        sys.exit(f"{trace}: recorded as {processes} processes")


def report_when_finished(memoir, folder, name):
    """The trace and its report. The collector of a linked program outlives it by a moment."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        traces = glob.glob(f"{folder}/{name}.*.memoir")
        if traces:
            done = attempt(memoir, "report", traces[0], "--json")
            if done.returncode == 0:
                report = json.loads(done.stdout)
                if report["state"] == "complete":
                    return traces[0], report
        time.sleep(0.1)
    sys.exit(f"no finished trace of {name} appeared: {os.listdir(folder)}")


def new_folder(parent, name):
    folder = pathlib.Path(parent, name)
    folder.mkdir()
    return folder


def check_leaks(memoir, program, traces, **options):
    """A program made of app.cpp, which links Memoir, run as it is and by memoir run."""
    if run(program, cwd=traces, **options) != "8\n":
        sys.exit(f"{program} wrote something else")
    check_trace(memoir, report_when_finished(memoir, traces, program.name)[0])
    if run(memoir, "run", "-o", traces / "run.memoir", "--", program) != "8\n":
        sys.exit(f"{program} wrote something else under memoir run")
    check_trace(memoir, traces / "run.memoir")


def check_misuse(memoir, program, traces):
    for given, errors in (({}, 2), ({"MEMOIR_OPTIONS": "mode=profile"}, 0)):
        folder = new_folder(traces, f"errors_{errors}")
        run(program, cwd=folder, more=given)
        trace, _ = report_when_finished(memoir, folder, program.name)
        faults = json.loads(run(memoir, "faults", trace, "--json"))
        if len(faults) != errors:
            sys.exit(f"{program} with {given}: {errors} memory errors expected: {faults}")


def check_own_options(memoir, program, traces):
    """Its own options hold, and those of the environment go first."""
    for given, checked in (({}, 0), ({"MEMOIR_OPTIONS": "mode=check"}, 1)):
        folder = new_folder(traces, f"checked_{checked}")
        wanted = f"recorded 1, checked {checked}, own new 1\n"
        wrote = run(program, cwd=folder, more=given)
        if wrote != wanted:
            sys.exit(f"{program} with {given} wrote {wrote}")
        trace, _ = report_when_finished(memoir, folder, program.name)
        mode = run(memoir, "sql", trace, "SELECT value FROM meta WHERE key = 'mode'")
        if ("check" if checked else "profile") not in mode:
            sys.exit(f"{program} with {given}: recorded in mode {mode}")


def check_builds(memoir, outside, traces):
    """What one build of the outside project made."""
    needed = run("readelf", "--dynamic", outside / "linked")
    for library in ("libmemoir_preload.so", "libmemoir_bounds.so"):
        if library not in needed:
            sys.exit(f"{library} was not linked:\n{needed}")
    for name in ("plain", "unlinked", "linked_static"):
        needed = run("readelf", "--dynamic", outside / name)
        if "(NEEDED)" not in needed or "libmemoir" in needed:
            sys.exit(f"{name} needs a library of Memoir's:\n{needed}")
    for program in outside.glob("uses_alloc_*"):
        if run(program, cwd=traces) != "0, 42\n":
            sys.exit(f"{program} wrote something else")
    leaking = attempt(outside / "leaking_test", cwd=traces).stdout
    for wanted in ("1 block, 4 bytes allocated here and still live", "leaking_test.cpp:7\n",
                   "[  FAILED  ] Outside.Leaks", "[       OK ] Outside.Frees"):
        if wanted not in leaking:
            sys.exit(f"leaking_test did not say {wanted}:\n{leaking}")
    for kind in ("linked", "linked_static"):
        check_leaks(memoir, outside / kind, new_folder(traces, kind))
    for kind in ("runtime", "runtime_static"):
        check_misuse(memoir, outside / f"misuse_{kind}", new_folder(traces, f"misuse_{kind}"))
        check_own_options(memoir, outside / f"own_options_{kind}",
                          new_folder(traces, f"own_options_{kind}"))


def check_cmake(folder, tree, way, compilers, *arguments):
    """One way to have Memoir, in a build tree that another way may have filled before."""
    outside, traces = pathlib.Path(folder, tree), new_folder(folder, f"traces_{tree}_{way}")
    for program in outside.glob("*"):
        if program.is_file() and os.access(program, os.X_OK):
            program.unlink()  # what was made in another way
    launcher = shutil.which("ccache")
    launchers = [f"-DCMAKE_{language}_COMPILER_LAUNCHER={launcher}" for language in ("C", "CXX")]
    run("cmake", "-G", "Ninja", "-S", project, "-B", outside, f"-DMEMOIR_FROM={way}", *arguments,
        *(launchers if launcher else []), f"-DCMAKE_C_COMPILER={compilers[0]}",
        f"-DCMAKE_CXX_COMPILER={compilers[1]}")
    run("cmake", "--build", outside, "-j", "2")
    memoir = pathlib.Path((outside / "memoir_is_at").read_text())
    check_builds(memoir, outside, traces)
    trace = traces / "plain.memoir"
    if run(memoir, "run", "-o", trace, "--", outside / "plain") != "8\n":
        sys.exit("the recorded program wrote something else")
    check_trace(memoir, trace)


def check_pkg_config(folder, prefix, compiler):
    traces = new_folder(folder, f"traces_pkg_config_{compiler}")
    path = {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    for package in ("memoir", "memoir-static"):
        flags = run("pkg-config", "--cflags", "--libs", package, more=path).split()
        program = traces / f"{package}_app"
        run(compiler, "-g", project / "app.cpp", "-o", program, *flags)
        check_leaks(prefix / "bin/memoir", program, new_folder(traces, package))
        for linker, *otherwise in otherwise_linked:
            if linker and not shutil.which(linker):
                print(f"{linker} is missing: not tested")
                continue
            apart = new_folder(traces, package + otherwise[0])
            run(compiler, "-g", *otherwise, project / "app.cpp", "-o", program, *flags)
            if run(program, cwd=apart) != "8\n":
                sys.exit(f"{program} linked with {otherwise} wrote something else")
            memoir = prefix / "bin/memoir"
            check_trace(memoir, report_when_finished(memoir, apart, program.name)[0])


def check_moved(folder, prefix, outside):
    """A program whose runtime has moved away finds the command in PATH, or says what is missing."""
    traces = new_folder(folder, "traces_moved")
    moved = pathlib.Path(folder, "moved")
    prefix.rename(moved)
    done = attempt(outside / "linked_static", cwd=traces)
    if (done.stdout, done.stderr.count("no collector found")) != ("8\n", 1):
        sys.exit(f"linked_static without a collector: {done}")
    check_leaks(moved / "bin/memoir", outside / "linked_static", traces,
                more={"PATH": f"{moved / 'bin'}:{bare['PATH']}"})


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder).resolve()
    prefix = folder / "prefix"
    run("cmake", "--install", build, "--prefix", prefix)
    for compilers in (("gcc", "g++"), ("clang", "clang++")):
        if not shutil.which(compilers[1]):
            print(f"{compilers[1]} is missing: not tested")
            continue
        check_cmake(folder, f"package_{compilers[0]}", "package", compilers,
                    f"-DCMAKE_PREFIX_PATH={prefix}")
        check_pkg_config(folder, prefix, compilers[1])
        for way in ("subdirectory", "fetch"):
            check_cmake(folder, f"sources_{compilers[0]}", way, compilers,
                        f"-DMEMOIR_SOURCE={sources}", "-DMEMOIR_UNITY=ON")
    check_moved(folder, prefix, folder / "package_gcc")
