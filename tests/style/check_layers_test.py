#!/usr/bin/env python3
"""check_layers.py must refuse what the rules forbid: each case is a tiny wrong tree."""
import pathlib
import subprocess
import sys
import tempfile

LAYERS = """memoir_layer(base TRACEE)
memoir_layer(trace HOST DEPS base
                   LIBS sqlite3)
"""

# name: (file, its text, what the checker must say; empty for a tree in order)
CASES = {
    "in order": ("runtime/trace/a.h", '#include "base/b.h"\n#include <string>\n', ""),
    "upward": ("runtime/base/a.h", '#include "trace/b.h"\n', 'base may not include "trace/b.h"'),
    "without layer": ("runtime/trace/a.cpp", '#include "a.h"\n', 'may not include "a.h"'),
    "C++ runtime": ("runtime/base/a.cpp", "#include <string>\n", "no <string> inside"),
    "unnamed folder": ("runtime/extra/a.h", "\n", "no memoir_layer() names this folder"),
    "order": ("runtime/CMakeLists.txt", "memoir_layer(base TRACEE DEPS trace)\n" + LAYERS,
              "depends on trace, which is not below it"),
    "side": ("runtime/CMakeLists.txt", LAYERS + "memoir_layer(track TRACEE DEPS trace)\n",
             "track (TRACEE) depends on trace (HOST)"),
}

failed = 0
for name, (file, text, expected) in CASES.items():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for part in ("runtime/base", "runtime/trace", "preload"):
            (root / part).mkdir(parents=True)
        (root / "runtime/CMakeLists.txt").write_text(LAYERS)
        for lists in ("preload/CMakeLists.txt", "CMakeLists.txt"):
            (root / lists).write_text("")
        (root / file).parent.mkdir(exist_ok=True)
        (root / file).write_text(text)
        run = subprocess.run([sys.executable, sys.argv[1], folder], capture_output=True, text=True)
        if (run.returncode != 0) != bool(expected) or expected not in run.stdout:
            print(f"{name}: exit {run.returncode}, said {run.stdout!r}{run.stderr}")
            failed += 1
sys.exit(failed != 0)
