"""Pools that are warm allocate nothing: by what Memoir recorded of the heap meanwhile."""
import pathlib
import re
import unittest

from memoir_test import MemoirTest, program

ROOT = pathlib.Path(__file__).parents[2]
HEADERS = ROOT / "runtime/include/memoir"
SOURCE = ROOT / "tests/programs/warm_pools.cpp"

# Headers of what keeps nothing to be used again, and why.
KEEP_NOTHING = {
    "buffer/buffer.h": "a handle on a block of any allocator",
    "buffer/buffer_ref.h": "a handle on a buffer of a defer_scope",
    "buffer/buffer_view.h": "looks at memory of others",
    "buffer/detached.h": "a pointer",
    "buffer/released_buffer.h": "a handle between two owners",
    "buffer/shared_buffer.h": "its count is an allocation, as it says",
    "buffer/sizing_arena.h": "has no memory",
    "buffer/smart_buffer.h": "a concept",
    "buffer/tensor_view.h": "looks at memory of an arena",
    "buffer/unique_buffer.h": "its memory is new's, or a pool's",
    "allocator.h": "the base of allocators",
    "buffer_stats.h": "counters",
    "calibrate.h": "a measurement",
    "checked_index.h": "an argument",
    "config.h": "a macro",
    "debug_allocator.h": "keeps books of blocks, in a map",
    "defer_scope.h": "keeps its actions in a vector",
    "expect_no_leaks.h": "a test",
    "finding.h": "a report",
    "hybrid_thresholds.h": "numbers",
    "initialized.h": "a check",
    "memory_location.h": "a name",
    "pool_stats.h": "numbers",
    "pooled_bytes.h": "the handle of sized_pool",
    "resource.h": "the base of resources",
    "result.h": "a value",
    "site.h": "an argument",
    "size_class.h": "a function",
    "stream/fastq_record.h": "a record",
    "stream/optimal_buffer_size.h": "a function",
    "stream/readers.h": "read into memory of others",
    "system_allocator.h": "is malloc",
    "track.h": "for pools of others",
    "zero.h": "an argument",
    "ziggy.h": "other names",
}


def warm_loops():
    return re.findall(r'warm\(\s*"([^"]+)"', SOURCE.read_text())


class WarmPoolsTest(MemoirTest):
    def test_every_header_has_a_loop(self):
        headers = {str(path.relative_to(HEADERS)) for path in HEADERS.rglob("*.h")
                   if path.relative_to(HEADERS).parts[0] != "detail"}
        types = {re.split("[ ,]", name)[0] for name in warm_loops()}
        with_loop = {name for name in headers if pathlib.Path(name).stem in types}
        self.assertEqual(set(), headers - with_loop - set(KEEP_NOTHING))
        self.assertEqual(set(), set(KEEP_NOTHING) - headers)
        self.assertEqual(set(), set(KEEP_NOTHING) & with_loop)
        self.assertEqual(types, {pathlib.Path(name).stem for name in with_loop})

    def check(self, name):
        run = self.record(program(name), name, options=("--mode", "profile", "-q"))
        self.assertEqual((0, b"warm\n"), (run.status, run.out))
        marks = {row["name"]: row["t"] for row in run.trace.rows("SELECT * FROM marks")}
        pools = warm_loops()
        self.assertEqual({f"{what} {pool}" for pool in pools for what in ("begin", "end")},
                         set(marks))
        events = self.memoir("sql", run.trace.path,
                             "SELECT t, size FROM events WHERE kind IN ('alloc', 'realloc')",
                             "--csv").out.decode().splitlines()[1:]
        times = [int(line.split(",")[0]) for line in events]
        self.assertGreater(len(times), 10)
        allocations = {
            pool: sum(marks[f"begin {pool}"] < t < marks[f"end {pool}"] for t in times)
            for pool in pools}
        self.assertEqual(dict.fromkeys(pools, 0), allocations)

    def test_tracked(self):
        self.check("warm_pools")

    def test_plain(self):
        self.check("warm_pools_plain")


if __name__ == "__main__":
    unittest.main()
