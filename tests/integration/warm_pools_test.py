"""Pools that are warm allocate nothing: by what Memoir recorded of the heap meanwhile."""
import unittest

from memoir_test import MemoirTest, program

POOLS = ["block_pool", "memory_pool", "slab_allocator", "vector_pool", "sized_pool",
         "global_pools", "tensor_arena", "round_robin_buffers"]


class WarmPoolsTest(MemoirTest):
    def check(self, name):
        run = self.record(program(name), name, options=("--mode", "profile", "-q"))
        self.assertEqual((0, b"warm\n"), (run.status, run.out))
        marks = {row["name"]: row["t"] for row in run.trace.rows("SELECT * FROM marks")}
        self.assertEqual({f"{what} {pool}" for pool in POOLS for what in ("begin", "end")},
                         set(marks))
        events = self.memoir("sql", run.trace.path,
                             "SELECT t, size FROM events WHERE kind IN ('alloc', 'realloc')",
                             "--csv").out.decode().splitlines()[1:]
        times = [int(line.split(",")[0]) for line in events]
        self.assertGreater(len(times), 10)
        for pool in POOLS:
            between = [t for t in times if marks[f"begin {pool}"] < t < marks[f"end {pool}"]]
            self.assertEqual([], between, pool)

    def test_tracked(self):
        self.check("warm_pools")

    def test_plain(self):
        self.check("warm_pools_plain")


if __name__ == "__main__":
    unittest.main()
