#!/usr/bin/env python3
"""Every public header compiles alone, in the first include of a program, and all of them
together, with and without tracking, also with clang where it is installed.

headers_alone_test.py <include folder> <compiler>

Row: BJ-7
"""
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys

include, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]


def compile_text(text, tracking, by=compiler):
    done = subprocess.run(
        [by, "-std=c++20", "-fsyntax-only", f"-DMEMOIR_TRACKING={tracking}",
         "-I", str(include), "-x", "c++", "-"],
        input=text, text=True, stderr=subprocess.PIPE)
    return done.stderr if done.returncode else ""


def main() -> int:
    names = sorted(str(path.relative_to(include)) for path in include.rglob("*.h")
                   if "detail" not in path.parts)
    if not names:
        sys.exit(f"no headers in {include}")
    lines = [f'#include "{name}"\n' for name in names]
    # One by one, in the mode that includes more; then all, in both.
    jobs = [(line, 1) for line in lines] + [("".join(lines), mode) for mode in (0, 1)]
    if shutil.which("clang++"):
        jobs += [("".join(lines), mode, "clang++") for mode in (0, 1)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [(text, errors) for (text, *_), errors in
                 zip(jobs, pool.map(lambda job: compile_text(*job), jobs)) if errors]
    for text, errors in wrong:
        print(f"{text.strip().splitlines()[0]} ...\n{errors[:2000]}", file=sys.stderr)
    print(f"{len(names)} headers, {len(wrong)} compilations failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
