#!/usr/bin/env python3
"""Checks the header comment of every public header: after what it is for, labelled
paragraphs, each once and in this order:

    Complexity:  Thread safety:  Errors:  Findings:  Design:

`Findings` lists what misuse of the header's types is reported as: names of finding.inc, or
`none`, separated by commas, each maybe with a parenthesis that says when. Headers of mere
vocabulary need but `Thread safety` and `Design`.

    check_header_comments.py INCLUDE [--findings]

INCLUDE is the folder that contains memoir/finding.inc. --findings prints one line for each
header: its name, and what it lists.
"""
import pathlib
import re
import sys

LABELS = ("Complexity", "Thread safety", "Errors", "Findings", "Design")
NEEDED_OF_VOCABULARY = ("Thread safety", "Design")
# No type here holds memory, or finds anything by itself.
VOCABULARY = {
    "buffer/smart_buffer.h", "checked_index.h", "config.h", "expect_no_leaks.h", "finding.h",
    "hybrid_thresholds.h", "memory_location.h", "pool_stats.h", "result.h", "site.h",
    "size_class.h", "stream/optimal_buffer_size.h", "stream/readers.h", "track.h", "zero.h",
}
LABEL = re.compile(rf"({'|'.join(LABELS)}): *(.*)")
SLASHES = re.compile(r"((?:^[ \t]*//.*\n)+)", re.M)
STARS = re.compile(r"/\*(.*?)\*/", re.S)
FINDING = re.compile(r"MEMOIR_FINDING\((\w+),")


def header_comment(text):
    """The lines of the first comment, bare; none where code comes first."""
    before = re.match(r"(?:\s*#(?:pragma once|ifndef \w+|define \w+)\n)*\s*", text)
    rest = text[before.end():]
    if match := SLASHES.match(rest):
        return [line.strip()[2:].strip() for line in match.group(1).splitlines()]
    if match := STARS.match(rest):
        return [line.strip().removeprefix("*").strip() for line in match.group(1).splitlines()]
    return []


def paragraphs(lines):
    """What comes before the first label, and [(label, text)]."""
    prose, found = [], []
    for line in lines:
        if match := LABEL.match(line):
            found.append((match.group(1), [match.group(2)]))
        elif found:
            found[-1][1].append(line)
        else:
            prose.append(line)
    return " ".join(prose).strip(), [(label, " ".join(text).strip()) for label, text in found]


def listed_findings(text):
    """The names in a paragraph of findings, without what stands in parentheses."""
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return [name.strip() for name in text.rstrip(". ").split(",")]


def problems_of(name, text, known):
    prose, found = paragraphs(header_comment(text))
    if not prose:
        yield "no header comment that says what it is for"
    labels = [label for label, _ in found]
    needed = NEEDED_OF_VOCABULARY if name in VOCABULARY else LABELS
    for label in needed:
        if label not in labels:
            yield f"its header comment has no paragraph `{label}: `"
    for label in LABELS:
        if labels.count(label) > 1:
            yield f"`{label}: ` stands in its header comment more than once"
    if labels != sorted(labels, key=LABELS.index):
        yield f"paragraphs out of order: {', '.join(labels)}"
    for label, words in found:
        if not words:
            yield f"`{label}: ` says nothing"
        if label != "Findings" or not words:
            continue
        listed = listed_findings(words)
        for one in listed:
            if one not in known and one != "none":
                yield f"finding.inc has no `{one}`"
            if listed.count(one) > 1:
                yield f"`{one}` is listed more than once"
        if "none" in listed and len(listed) > 1:
            yield "`none`, and findings"


def main() -> int:
    arguments = [word for word in sys.argv[1:] if word != "--findings"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    folder = pathlib.Path(arguments[0]) / "memoir"
    known = set(FINDING.findall((folder / "finding.inc").read_text())) - {"enumerator"}
    headers = {str(path.relative_to(folder)): path.read_text()
               for path in sorted(folder.rglob("*.h"))
               if "detail" not in path.relative_to(folder).parts}
    if "--findings" in sys.argv:
        for name, text in headers.items():
            for label, words in paragraphs(header_comment(text))[1]:
                if label == "Findings":
                    print(name, *listed_findings(words))
        return 0
    wrong = [f"{name}: {problem}" for name, text in headers.items()
             for problem in dict.fromkeys(problems_of(name, text, known))]
    wrong += [f"{name}: there is no such header" for name in sorted(VOCABULARY - set(headers))]
    for line in wrong:
        print(line)
    print(f"{len(headers)} public headers, {len(wrong)} problems")
    return 1 if wrong or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
