#!/usr/bin/env python3
"""misuse_table.py must see what headers and matrix do not have in common.

misuse_table_test.py <folder of the tool>
"""
import copy
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import misuse_table as tool  # noqa: E402


def said(entries):
    return "\n".join(tool.problems(entries, numbers))


numbers, entries = tool.read_findings(), tool.read_entries()
failed = []


def expect(name, text, right):
    if not right:
        failed.append(f"{name}: said {text!r}")


expect("as it is", said(entries), said(entries) == "")
# One finding after the other is misused for by nobody, by a type that has its header alone.
for kind in entries["byte_ring"]:
    less = copy.deepcopy(entries)
    del less["byte_ring"][kind]
    expect(f"without {kind}", said(less),
           said(less) == f"stream/byte_ring.h: no entry of the misuse matrix gives {kind}")
more = copy.deepcopy(entries)
more["byte_ring"]["leak"] = False
expect("a finding more", said(more),
       said(more) == "stream/byte_ring.h: byte_ring gives leak, which is not listed")
more["byte_ring"]["leaks"] = False
expect("no finding", said(more), "byte_ring: there is no finding leaks" in said(more))
more = {**entries, "nobody": {"leak": False}}
expect("no type", said(more), said(more) == "nobody: no public header defines it")
# Lists of types, also those in another file, and what goes through std::pmr.
expect("lists", str(entries["slab_allocator"]), entries["slab_allocator"].get("double_return"))
expect("not through std::pmr", str(entries["buffer"]), not any(entries["buffer"].values()))
expect("the table", "", "| `byte_ring` | pool_overflow, unsynchronized_use, dropped_data |"
       in tool.make_table(entries, numbers))

print("\n".join(failed) or "it sees them")
sys.exit(bool(failed))
