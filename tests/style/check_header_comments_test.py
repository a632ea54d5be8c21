#!/usr/bin/env python3
"""check_header_comments.py must refuse what the rule forbids: each case spoils one header.

check_header_comments_test.py <the checker> <include folder>
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ARENA = """#pragma once

// Bytes.
//
//   arena bytes;
//
// Complexity: constant.
// Thread safety: any thread.
// Errors: none.
// Findings: double_free, invalid_free (deallocate(), and so
// on), bad_size
// Design: Memoir's own.
"""

# name: (header, what is replaced in it, by what, what the checker must say; empty: in order)
CASES = {
    "in order": ("arena.h", "", "", ""),
    "no finding": ("arena.h", "double_free, invalid_free (deallocate(), and so\n// on), bad_size",
                   "none (of its own)", ""),
    "no comment": ("arena.h", "// ", "#define A ", "no header comment that says what it is for"),
    "no prose": ("arena.h", "// Bytes.\n//\n//   arena bytes;\n//\n", "",
                 "no header comment that says what it is for"),
    "missing": ("arena.h", "// Thread safety: any thread.\n", "", "has no paragraph `Thread safety: `"),
    "vocabulary": ("zero.h", "// Design:", "// Design", "has no paragraph `Design: `"),
    "twice": ("arena.h", "// Errors: none.\n", "// Errors: none.\n// Errors: none.\n",
              "`Errors: ` stands in its header comment more than once"),
    "out of order": ("arena.h", "// Complexity: constant.\n// Thread safety: any thread.\n",
                     "// Thread safety: any thread.\n// Complexity: constant.\n",
                     "paragraphs out of order"),
    "empty": ("arena.h", "Memoir's own.", "", "`Design: ` says nothing"),
    "unknown finding": ("arena.h", "bad_size", "bad_sizes", "finding.inc has no `bad_sizes`"),
    "prose": ("arena.h", "bad_size", "bad_size and so on", "finding.inc has no `bad_size and so on`"),
    "listed twice": ("arena.h", "bad_size", "bad_size, double_free",
                     "`double_free` is listed more than once"),
    "none of several": ("arena.h", "bad_size", "none", "`none`, and findings"),
}

checker, include = sys.argv[1], pathlib.Path(sys.argv[2])
failed = 0
for name, (header, old, new, expected) in CASES.items():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(include / "memoir", pathlib.Path(folder, "memoir"),
                        ignore=shutil.ignore_patterns("detail"))
        path = pathlib.Path(folder, "memoir", header)
        text = ARENA if header == "arena.h" else path.read_text()
        if old not in text:
            sys.exit(f"{name}: {header} has no {old!r}")
        path.write_text(text.replace(old, new) if old else text)
        run = subprocess.run([sys.executable, checker, folder], capture_output=True, text=True)
        if (run.returncode != 0) != bool(expected) or expected not in run.stdout:
            print(f"{name}: exit {run.returncode}, said {run.stdout!r}{run.stderr}")
            failed += 1
sys.exit(failed != 0)
