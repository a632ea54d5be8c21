#!/usr/bin/env python3
"""Checks what holds for every file of the repository, whatever its language.

check_files.py length ROOT   a source over 400 lines is named, one over 600 fails
check_files.py alone ROOT    no file points outside the repository
"""
import pathlib
import re
import subprocess
import sys

WARN_LINES, FAIL_LINES = 400, 600
SOURCES = {".h", ".c", ".cpp", ".inc", ".py", ".sh", ".cmake", ".sql"}

# Written in halves, so that this file does not find itself.
OUTSIDE = re.compile(r"\.\./sha" r"red\b|(?<![\w.])/wo" r"rk/")


def repository_files(root: pathlib.Path):
    """Tracked and new files, without what git ignores; every file where there is no git."""
    try:
        listing = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"],
            capture_output=True, check=True).stdout
        names = [name for name in listing.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(root)) for path in root.rglob("*")
                 if not path.relative_to(root).parts[0].startswith((".git", "build"))]
    return sorted(root / name for name in set(names) if (root / name).is_file())


def check_length(root: pathlib.Path) -> int:
    too_long = 0
    for path in repository_files(root):
        if path.suffix not in SOURCES:
            continue
        lines = path.read_bytes().count(b"\n")
        if lines > WARN_LINES:
            verdict = "error" if lines > FAIL_LINES else "warning"
            too_long += lines > FAIL_LINES
            print(f"{path.relative_to(root)}: {verdict}: {lines} lines; look for a "
                  "second responsibility")
    return bool(too_long)


def check_alone(root: pathlib.Path) -> int:
    found = 0
    for path in repository_files(root):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if OUTSIDE.search(line.decode(errors="replace")):
                print(f"{path.relative_to(root)}:{number}: points outside the repository")
                found += 1
    return bool(found)


if __name__ == "__main__":
    checks = {"length": check_length, "alone": check_alone}
    if len(sys.argv) != 3 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    sys.exit(checks[sys.argv[1]](pathlib.Path(sys.argv[2]).resolve()))
