#!/usr/bin/env python3
"""Checks what a library of Memoir's brings into a traced program.

check_preload.py LIBRARY EXPORTS_MAP [INTERCEPTED_MAP]

It may need nothing but libc, libdl and the loader, exports only what the map lists, and
calls nothing that another library of Memoir's intercepts.
"""
import pathlib
import re
import subprocess
import sys

NEEDED = {"libc.so.6", "libdl.so.2", "ld-linux-x86-64.so.2"}


def output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def listed_names(text: str):
    """Plain names and patterns of a linker version script's `global:` part."""
    text = re.sub(r"/\*.*?\*/|#[^\n]*", "", text, flags=re.S)
    body = text[text.index("{") + 1:text.index("local:")].replace("global:", "")
    return {name.strip().strip('"') for name in body.split(";") if name.strip()}


def matches(symbol: str, names) -> bool:
    patterns = (re.escape(name).replace(r"\*", ".*") for name in names)
    return any(re.fullmatch(pattern, symbol) for pattern in patterns)


def symbols_of(library: str, which: str):
    symbols = output_of("nm", "--dynamic", which, "--format=posix", library)
    return {line.split()[0].split("@")[0] for line in symbols.splitlines()}


def main(library: str, exports: pathlib.Path, intercepted: pathlib.Path = None) -> int:
    errors = []
    dynamic = output_of("readelf", "--wide", "--dynamic", library)
    for needed in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if needed not in NEEDED:
            errors.append(f"needs {needed}")

    if not exports.exists():
        print(f"{exports} is missing")
        return 1
    names = listed_names(exports.read_text())
    exported = symbols_of(library, "--defined-only")
    errors += [f"exports {symbol}, which the map does not list"
               for symbol in sorted(exported) if not matches(symbol, names)]
    errors += [f"does not export {name}, which the map lists"
               for name in sorted(names) if not any(matches(s, [name]) for s in exported)]
    if intercepted is not None:
        forbidden = listed_names(intercepted.read_text())
        errors += [f"calls {name}, which is intercepted"
                   for name in sorted(symbols_of(library, "--undefined-only") & forbidden)]
    print("\n".join(errors) or f"{len(exported)} symbols exported, all of them listed")
    return bool(errors)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], *(pathlib.Path(argument) for argument in sys.argv[2:])))
