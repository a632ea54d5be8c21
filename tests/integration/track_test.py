"""memoir/track.h: what a program may say to Memoir, and ask it; and that it does nothing
where Memoir is absent."""
import unittest

from memoir_test import MemoirTest, program

# Without guard pages: what is written into a freed block is found later.
PROFILE = ("--mode", "profile", "-q")
CHECK = ("--mode", "check", "--option", "guard_first=0", "-q")


class TrackTest(MemoirTest):
    def test_without_memoir(self):
        run = self.run_alone(program("asks_memoir"), "absent")
        self.assertEqual((0, b"done\n", b""), (run.status, run.out, run.err))
        run = self.run_alone(program("asks_memoir_fixed"))
        self.assertEqual((0, b"0 0 0\n"), (run.status, run.out))

    def test_marks(self):
        run = self.record(program("asks_memoir"), "profile", options=PROFILE)
        self.assertEqual((0, b"done\n"), (run.status, run.out))
        marks = [row["name"] for row in run.trace.rows(
            "SELECT name FROM marks WHERE process = 1")]
        self.assertEqual(["begin"] + ["even", "odd"] * 500 + ["l" * 255, "end"], marks)
        self.assertEqual(["in the child", "even"], [row["name"] for row in run.trace.rows(
            "SELECT name FROM marks WHERE process = 2")])
        times = [row["t"] for row in run.trace.rows("SELECT t FROM marks WHERE process = 1")]
        self.assertEqual(sorted(times), times)
        report = self.memoir("report", run.trace.path).out.decode()
        self.assertIn("\nMarks\n", report)
        self.assertIn("  begin  (process 1)\n", report)
        self.assertIn("  and 965 more\n", report)

    def test_pauses(self):
        for mode, options in (("profile", PROFILE), ("check", CHECK)):
            run = self.record(program("asks_memoir"), mode, options=options)
            self.assertEqual(0, run.status, run.out)
            sites = run.trace.rows("SELECT * FROM sites WHERE process = 1")
            by_function = {site["function"]: site for site in sites}
            self.assertNotIn("make_unrecorded", by_function)
            self.assertNotIn("make_in_thread", by_function)
            self.assertEqual((2, 1), (sum(s["allocations"] for s in sites
                                          if s["function"] == "make_recorded"),
                                      sum(s["frees"] for s in sites
                                          if s["function"] == "make_recorded")))

    def test_checks(self):
        run = self.record(program("asks_memoir"), "check", options=CHECK)
        self.assertEqual((0, b"done\n"), (run.status, run.out))
        faults = run.trace.rows("SELECT * FROM faults ORDER BY t")
        self.assertEqual([("heap_buffer_overflow", 2), ("write_after_free", 1)],
                         [(fault["kind"], fault["count"]) for fault in faults])
        self.assertEqual([1, 1], [fault["late"] for fault in faults])
        for fault in faults:
            self.assertEqual(["checks", "main"], [
                name for name in run.trace.stack(fault["stack"])
                if not name.startswith("memoir_")][:2])
            self.assertEqual("make_checked", fault["function"])

    def test_of_a_program_that_is_not_position_independent(self):
        run = self.record(program("asks_memoir_fixed"), options=CHECK)
        self.assertEqual((0, b"1 1 10\n"), (run.status, run.out))
        self.assertEqual("fixed", run.trace.value("SELECT name FROM marks"))


if __name__ == "__main__":
    unittest.main()
