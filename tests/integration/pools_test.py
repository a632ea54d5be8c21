"""Pools that tell of themselves through memoir/track.h: their blocks, leaks and faults."""
import json
import pathlib
import unittest

from memoir_test import MemoirTest, program

SOURCES = pathlib.Path(__file__).parents[1]
PROFILE = ("--mode", "profile", "-q")
CHECK = ("--mode", "check", "-q")


class PoolsTest(MemoirTest):
    def test_without_memoir(self):
        run = self.run_alone(program("owns_a_pool"))
        self.assertEqual((0, b"0 pools\n", b""), (run.status, run.out, run.err))

    def record_pools(self, options):
        run = self.record(program("owns_a_pool"), "mode_" + options[1], options=options)
        self.assertEqual((0, b"1 pools\n"), (run.status, run.out))
        return run.trace

    def test_figures(self):
        for options in (PROFILE, CHECK):
            trace = self.record_pools(options)
            columns = ("pool, parent, kind, name, function, allocations, frees, live_blocks,"
                       " live_bytes, peak_bytes, resets, ended IS NULL AS lives")
            pools = [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in
                     trace.rows(f"SELECT {columns} FROM pools WHERE name <> 'brief'"
                                " ORDER BY pool")]
            self.assertEqual(
                [(1, None, "slots", "first", "pool_begin", 3, 1, 2, 30, 30, 0, 1),
                 (2, 1, "slots", "inner", "pool_begin", 4, 4, 0, 0, 15, 1, 0)], pools)
            sites = trace.rows("SELECT * FROM pool_sites WHERE live_blocks > 0")
            self.assertEqual([(1, 20), (1, 10)],
                             [(s["live_blocks"], s["live_bytes"]) for s in sites])
            self.assertEqual("pool_take", sites[0]["function"])
            self.assertEqual(["pool_take", "take_and_lose", "main"],
                             [name for name in trace.stack(sites[0]["stack"])
                              if not name.startswith("memoir_")][:3])

    def test_pools_that_ended_share_a_row(self):
        for options in (PROFILE, CHECK):
            trace = self.record_pools(options)
            brief = trace.rows("SELECT * FROM pools WHERE name = 'brief'")
            self.assertEqual([(1000, 1999, 1999, 0, 24)],
                             [(p["instances"], p["allocations"], p["frees"], p["live_blocks"],
                               p["peak_bytes"]) for p in brief])
            sites = trace.rows("SELECT sum(allocations) AS n FROM pool_sites"
                               " WHERE name = 'brief'")
            self.assertEqual(1999, sites[0]["n"])

    def test_backing_is_no_leak_but_counted(self):
        for options in (PROFILE, CHECK):
            trace = self.record_pools(options)
            leaks = trace.rows("SELECT class, function, blocks, bytes FROM leaks"
                               " WHERE function IN ('main', 'pool_take', 'pool_begin')")
            self.assertEqual([("unknown", "main", 1, 100), ("in_pool", "pool_take", 1, 20),
                              ("in_pool", "pool_take", 1, 10)],
                             [(r["class"], r["function"], r["blocks"], r["bytes"])
                              for r in leaks])
            live = trace.rows("SELECT live_bytes FROM sites WHERE function = 'pool_begin'")
            self.assertEqual([512], [row["live_bytes"] for row in live if row["live_bytes"]])

    def test_report(self):
        trace = self.record_pools(CHECK)
        text = self.memoir("report", trace.path).out.decode()
        self.assertIn("  Pools      1,002, 69 B at their peaks, 30 B in 2 blocks live at the end\n",
                      text)
        leaked = text[text.index("\nLeaked: "):text.index("\nAt the peak")]
        self.assertIn("100 B", leaked)
        self.assertIn("30 B", leaked)
        self.assertIn("by pool", leaked)
        self.assertNotIn("512", leaked)
        report = json.loads(self.memoir("report", "--json", trace.path).out)
        self.assertEqual([("first", 2, 30, False), ("inner", 0, 0, True)],
                         [(p["name"], p["live_blocks"], p["live_bytes"], p["destroyed"])
                          for p in report["pools"] if p["name"] != "brief"])

    def test_events(self):
        trace = self.record_pools(PROFILE)
        out = self.memoir("sql", trace.path, "SELECT kind, pool, size FROM events"
                          " WHERE pool IS NOT NULL ORDER BY seq", "--json").out
        events = [(e["kind"], e["pool"], e["size"]) for e in json.loads(out)]
        self.assertEqual(
            [("pool_alloc", 1, 30), ("pool_free", 1, 0), ("pool_alloc", 1, 10),
             ("pool_alloc", 1, 20)] + [("pool_alloc", 2, 5)] * 3 +
            [("pool_reset", 2, 0), ("pool_alloc", 2, 7)], events[:9])
        self.assertEqual(9 + 1999, len(events))

    def test_what_else_happened(self):
        for options in (PROFILE, CHECK):
            trace = self.record_pools(options)
            rows = trace.rows("SELECT * FROM pool_events")
            self.assertEqual(2, len(rows))
            write, grow = rows
            self.assertEqual(
                (1, "slots", "first", "write", "into a slot", 100_005, 300_003, 200_002, 3, 2, 1,
                 None, "owns.c", 77),
                tuple(write[name] for name in (
                    "pool", "pool_kind", "pool_name", "kind", "detail", "count", "bytes",
                    "amount", "last_bytes", "last_amount", "thread", "from_thread", "file",
                    "line")))
            self.assertLess(write["first_t"], write["last_t"])
            self.assertNotEqual(0, write["address"])
            self.assertEqual(("grow", 1, 512, 256, "main", None),
                             tuple(grow[name] for name in ("kind", "count", "bytes", "amount",
                                                           "function", "detail")))
            text = self.memoir("pools", trace.path).out.decode()
            self.assertIn("    also: 100,005 write, 1 grow\n", text)

    def events_of_library(self):
        """The rows of pool_events of a program that uses the library, and its lines by name."""
        run = self.record(program("tells_of_pools"), "tells", options=PROFILE)
        self.assertEqual((0, b"done\n"), (run.status, run.out))
        source = SOURCES / "programs" / "tells_of_pools.cpp"
        lines = {text.split("// line: ")[1]: number for number, text in
                 enumerate(source.read_text().splitlines(), 1) if "// line: " in text}
        rows = run.trace.rows("SELECT * FROM pool_events")
        self.assertEqual({"tells_of_pools.cpp"},
                         {pathlib.Path(row["file"]).name for row in rows
                          if row["line"] in lines.values()})
        return rows, lines

    def events(self, rows, kind, pool, *columns):
        return [tuple(row[name] for name in columns) for row in rows
                if row["kind"] == kind and pool in (row["pool_kind"], row["pool_name"])]

    def test_library_tells_of_its_operations(self):
        # Rows: PT-4, PT-17, ZA-36, FR-5, FR-30, FQ-12, FQ-22, FQ-24, FQ-25, FQ-29, BJ-U3,
        # BJ-U7, ZA-64
        rows, line = self.events_of_library()
        # From whom to whom, and where.
        self.assertEqual(
            [(1, 64, 1, line["hand_over move"]), (1, 64, 1, line["hand_over reset"])],
            self.events(rows, "hand_over", "handed over", "count", "bytes", "from_thread", "line"))
        self.assertTrue(all(row["thread"] != row["from_thread"] for row in rows))
        # A hot loop is one row.
        self.assertEqual([(1, 200_000, line["moves"])],
                         self.events(rows, "move", "buffer", "count", "amount", "line"))
        # Who keeps a block alive: those who share, but for those who ended.
        shares = self.events(rows, "share", "shared", "line", "amount")
        self.assertEqual([(line["share first"], 1), (line["share second"], 2),
                          (line["share third"], 3)], shares)
        self.assertEqual([(line["share third"], 2), (line["share second"], 1),
                          (line["share first"], 0)],
                         self.events(rows, "unshare", "shared", "line", "amount"))
        threads = self.events(rows, "share", "shared", "thread")
        self.assertEqual(threads[0], threads[1])
        self.assertNotEqual(threads[0], threads[2])
        self.assertEqual([(1, 80 + 800, 80, line["grow arena"])],
                         self.events(rows, "grow", "grows", "count", "bytes", "amount", "line"))
        self.assertEqual([("it may not grow", line["policy"])],
                         self.events(rows, "policy", "grows", "detail", "line"))
        self.assertEqual((1, line["trim arena"]),
                         self.events(rows, "trim", "grows", "amount", "line")[0])
        self.assertEqual([(1, line["miss"])], self.events(rows, "miss", "sized", "count", "line"))
        self.assertEqual([(5, 5050, 5000, line["grow pool"])],
                         self.events(rows, "grow", "sized", "count", "bytes", "amount", "line"))
        self.assertEqual([(1, 1, line["trim pool"])],
                         self.events(rows, "trim", "sized", "count", "amount", "line"))
        self.assertEqual(
            [("slab: double elements, within the table (128)", 3, 3 * 1024, line["decide slab"]),
             ("system: double elements, above the table (128)", 3, 3 * 1032,
              line["decide system"])],
            self.events(rows, "decide", "hybrid_allocator", "detail", "count", "bytes", "line"))
        for kind in ("write", "read"):
            for ring in ("byte_ring", "spsc_byte_ring"):
                self.assertEqual([(10_000, 1_000_000)],
                                 self.events(rows, kind, ring, "count", "bytes"))
        self.assertEqual([(1, line["clear ring"])],
                         self.events(rows, "clear", "byte_ring", "count", "line"))
        self.assertEqual([(10_001, 40_004)],
                         self.events(rows, "push", "record_buffer", "count", "bytes"))
        self.assertEqual(
            [(1000, 40_000, 10_000, line["drain"])],
            self.events(rows, "drain", "record_buffer", "count", "bytes", "amount", "line"))
        self.assertEqual(
            [(1, 4, 1, line["clear records"])],
            self.events(rows, "clear", "record_buffer", "count", "bytes", "amount", "line"))
        self.assertEqual([(10_000, 40_000)],
                         self.events(rows, "push", "double_buffer", "count", "bytes"))
        self.assertEqual(
            [(1000, 4000, 1000, line["clear batch"])],
            self.events(rows, "clear", "double_buffer", "count", "bytes", "amount", "line"))
        self.assertEqual(
            [(1000, 36_000, line["publish"])],
            self.events(rows, "publish", "double_buffer", "count", "bytes", "line"))
        ((waited, at),) = self.events(rows, "wait", "threads_arena", "amount", "line")
        self.assertGreater(waited, 0)
        self.assertEqual(line["wait"], at)
        for kind in ("defer_push", "defer_run"):
            self.assertEqual([(1, line["defer"])],
                             self.events(rows, kind, "defer_scope", "count", "line"))

    def test_faults(self):
        trace = self.record_pools(CHECK)
        faults = trace.rows("SELECT * FROM faults")
        self.assertEqual(1, len(faults))
        fault = faults[0]
        self.assertEqual(("double_return", 3, 1, "slots", "first"),
                         (fault["kind"], fault["count"], fault["pool"], fault["pool_kind"],
                          fault["pool_name"]))
        self.assertEqual(("give_back", "owns.c", 12, 34, 11),
                         (fault["function"], fault["file"], fault["line"],
                          fault["alloc_line"], fault["free_line"]))
        self.assertEqual('block returned twice, in slots "first": the slot is free',
                         fault["message"])
        self.assertIn("main", trace.stack(fault["stack"]))
        text = self.memoir("faults", trace.path).out.decode()
        self.assertIn("  it happened at owns.c:12, in give_back, by thread 1", text)
        self.assertIn(", allocated at owns.c:34, in take\n", text)
        self.assertIn("  given back at owns.c:11, in give_back\n", text)
        self.assertIn("suppress with  double_return:give_back", text)

    def test_command(self):
        trace = self.record_pools(PROFILE)
        text = self.memoir("pools", trace.path).out.decode()
        self.assertIn(' 1. slots "first"\n', text)
        self.assertIn("peak 30 B, 3 allocations, 1 frees; live: 30 B in 2 blocks\n", text)
        self.assertIn(' 3. slots "inner", in pool 1  destroyed\n', text)
        table = json.loads(self.memoir("pools", trace.path, "--json").out)
        self.assertEqual({"first", "inner", "brief"}, {row["name"] for row in table})
        self.assertIn('"brief"  1,000 of them, destroyed\n', text)
        none = self.record(program("asks_memoir"), "none", options=PROFILE)
        self.assertIn("No pools", self.memoir("pools", none.trace.path).out.decode())


if __name__ == "__main__":
    unittest.main()
