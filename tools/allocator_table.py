#!/usr/bin/env python3
"""The table of the allocator library: row, type, promise, tests, example.

    allocator_table.py --write    makes the table in docs/allocators.md anew
    allocator_table.py --check    fails where a row has no test, an example row (*-E*) no
                                  example, a test names no row, or the table is not what
                                  --write would make

A test belongs to the row that its name begins with: TEST(TensorArenaTest, BJ_11_alloc_bumps).
Rows of the whole (packaging, benchmarks) may be covered elsewhere: whoever does says so in a
comment that begins with `Row: BJ-7`.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS = ROOT / "tests/style/allocator_rows.txt"
DOC = ROOT / "docs/allocators.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
TEST = re.compile(r"\b(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*((BJ|PT|FQ|FR|ZA)_([A-Z]*\d+)\w*)\)")
SAYS = re.compile(r"\bRows?: ((?:(?:BJ|PT|FQ|FR|ZA)-[A-Z]*\d+(?:, )?)+)")


def read_rows():
    """[(title, [(row, type, promise)])], in order."""
    parts = []
    for line in ROWS.read_text().splitlines():
        if line.startswith("## "):
            parts.append((line[3:], []))
        elif line and not line.startswith("#"):
            row, name, promise = (word.strip() for word in line.split("|", 2))
            parts[-1][1].append((row, name, promise))
    return parts


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".cpp", ".c", ".h", ".py", ".txt", ".cmake") and path != ROWS:
                yield path


def read_tests():
    """{row: [test]}"""
    tests = {}
    for path in sources("tests", "bench", "examples"):
        if path.name == "allocator_table.py":
            continue
        text = path.read_text(errors="replace")
        for match in TEST.finditer(text):
            row = f"{match.group(3)}-{match.group(4)}"
            tests.setdefault(row, []).append(match.group(2))
        for match in SAYS.finditer(text):
            for row in match.group(1).rstrip(", ").split(", "):
                tests.setdefault(row, []).append(str(path.relative_to(ROOT)))
    return tests


def read_examples():
    """{row: [program]}"""
    examples = {}
    for path in sources("examples"):
        for match in SAYS.finditer(path.read_text(errors="replace")):
            for row in match.group(1).rstrip(", ").split(", "):
                examples.setdefault(row, []).append(path.name)
    return examples


def make_table():
    tests, examples = read_tests(), read_examples()
    text = ""
    for title, rows in read_rows():
        text += f"### {title}\n\n| row | type | promise | tests | example |\n|---|---|---|---|---|\n"
        for row, name, promise in rows:
            listed = list(dict.fromkeys(t for t in tests.get(row, [])
                                        if not t.startswith("examples/")))
            shown = ", ".join(f"`{test}`" for test in listed[:3])
            if len(listed) > 3:
                shown += f" and {len(listed) - 3} more"
            programs = ", ".join(f"`{e}`" for e in dict.fromkeys(examples.get(row, [])))
            text += f"| {row} | {name} | {promise} | {shown} | {programs} |\n"
        text += "\n"
    return text


def problems():
    tests = read_tests()
    rows = [row for _, part in read_rows() for row, _, _ in part]
    missing = [row for row in rows if row not in tests]
    if missing:
        yield "rows without a test: " + " ".join(missing)
    examples = read_examples()
    shown = [row for row in rows if "-E" in row and row not in examples]
    if shown:
        yield "example rows without an example: " + " ".join(shown)
    # W: weaknesses of the designs, which are nobody's promise.
    unknown = sorted(row for row in set(tests) - set(rows) if "-W" not in row)
    if unknown:
        yield "tests of rows that do not exist: " + " ".join(unknown)


def main():
    text = DOC.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    if sys.argv[1:] == ["--write"]:
        DOC.write_text(text[:begin] + make_table() + text[end:])
        print("\n".join(problems()) or "every row has a test")
        return 0
    found = list(problems())
    if text[begin:end] != make_table():
        found.append("docs/allocators.md is stale: run tools/allocator_table.py --write")
    print("\n".join(found) or "every row has a test, and the table is up to date")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
