#!/usr/bin/env python3
"""The misuse matrix: which type of the allocator library gives which finding.

    misuse_table.py --write    makes the table in docs/allocators.md anew
    misuse_table.py --check    fails where a finding that a public header lists has no entry
                               in tests/unit/alloc/misuse_matrix_*_test.cpp, where an entry
                               gives a finding that its type's header does not list, or
                               where the table is not what --write would make

An entry is MISUSE(type, finding), or another macro that begins so; a macro MISUSE_OF_X
stands for the types that its definition names.
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from check_header_comments import header_comment, listed_findings, paragraphs  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "runtime/include/memoir"
DOC = ROOT / "docs/allocators.md"
BEGIN, END = "<!-- misuses: begin -->\n", "<!-- misuses: end -->\n"
# Types that are made by others, and defined beside them.
MADE_BY = {"arena_lease": "buffer/threads_arena.h"}
ENTRY = re.compile(r"^(MISUSE\w*)\(\s*(\w+),\s*(\w+)(?:,\s*(\w+))?", re.M)
LIST = re.compile(r"^#define (MISUSE_OF_\w+)\(kind,.*\n((?:.*\\\n)*.*\n)", re.M)


def read_findings():
    """{finding: number}"""
    text = (INCLUDE / "finding.inc").read_text()
    return {name: int(number) for name, number in
            re.findall(r"^MEMOIR_FINDING\((\w+), (\d+)", text, re.M)}


def read_headers(known):
    """{header: its findings}, of those that list any."""
    headers = {}
    for path in sorted(INCLUDE.rglob("*.h")):
        if "detail" in path.parts:
            continue
        _, found = paragraphs(header_comment(path.read_text()))
        names = {name for label, text in found if label == "Findings"
                 for name in listed_findings(text)} & set(known)
        if names:
            headers[str(path.relative_to(INCLUDE))] = names
    return headers


def header_of(name):
    """The public header that defines the type, or declares the function."""
    if name in MADE_BY:
        return MADE_BY[name]
    defined = re.compile(rf"^(?:class|struct) (?:\[\[nodiscard\]\] )?{name}\b[^;]*$", re.M)
    called = re.compile(rf"^(?:\[\[nodiscard\]\] )?(?:inline )?[\w:<>&]+ {name}\(", re.M)
    for pattern in (defined, called):
        for path in sorted(INCLUDE.rglob("*.h")):
            if "detail" not in path.parts and pattern.search(path.read_text()):
                return str(path.relative_to(INCLUDE))
    return None


def read_entries():
    """{type: {finding: whether it is found through std::pmr, too}}"""
    entries = {}
    folder = ROOT / "tests/unit/alloc"
    common = LIST.findall((folder / "misuse_allocators.h").read_text())
    for path in sorted(folder.glob("misuse_matrix_*_test.cpp")):
        text = path.read_text()
        lists = {name: re.findall(r"MISUSE_\w+\(\s*(\w+), kind", body)
                 for name, body in common + LIST.findall(text)}
        for macro, first, second, what in ENTRY.findall(text):
            pairs = [(first, second)]
            if macro in lists:
                pairs, what = [(name, first) for name in lists[macro]], second
            for name, kind in pairs:
                given = entries.setdefault(name, {})
                given[kind] = given.get(kind, False) or macro.endswith("PMR") or what == "a_container"
    return entries


def make_table(entries, numbers):
    text = "| type | findings |\n|---|---|\n"
    for name in sorted(entries):
        kinds = sorted(entries[name], key=numbers.get)
        shown = ", ".join(kind + ("*" if entries[name][kind] else "") for kind in kinds)
        text += f"| `{name}` | {shown} |\n"
    return text


def problems(entries, numbers):
    headers = read_headers(numbers)
    shown = {}
    for name, kinds in entries.items():
        header = header_of(name)
        if header is None:
            yield f"{name}: no public header defines it"
            continue
        shown.setdefault(header, set()).update(kinds)
        for kind in kinds:
            if kind not in numbers:
                yield f"{name}: there is no finding {kind}"
            elif kind not in headers.get(header, set()):
                yield f"{header}: {name} gives {kind}, which is not listed"
    for header, names in headers.items():
        for kind in sorted(names - shown.get(header, set())):
            yield f"{header}: no entry of the misuse matrix gives {kind}"


def main():
    numbers, entries = read_findings(), read_entries()
    text = DOC.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    table = make_table(entries, numbers)
    found = list(problems(entries, numbers))
    if sys.argv[1:] == ["--write"]:
        DOC.write_text(text[:begin] + table + text[end:])
    elif text[begin:end] != table:
        found.append("docs/allocators.md is stale: run tools/misuse_table.py --write")
    print("\n".join(found) or "every finding that a header lists is misused for, and no other")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
