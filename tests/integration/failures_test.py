"""`memoir run --fail`: which allocations are made to fail, how the program sees it, and what
is told of it afterwards."""
import json
import signal
import unittest

from memoir_test import MemoirTest, program

ROUNDS = 60


class FailuresTest(MemoirTest):
    def fail_some(self, conditions, *words, options=(), status=0):
        run = self.record(program("meets_failures"), str(ROUNDS),
                          options=["--fail", conditions, *options])
        self.assertEqual(status, run.status, run.err)
        run.seen = dict(line.split("=") for line in run.out.decode().split())
        run.seen = {name: int(count) for name, count in run.seen.items() if count != "0"}
        run.failures = run.trace.rows("SELECT * FROM failures")
        return run

    def test_without_conditions_nothing_fails(self):
        run = self.record(program("meets_failures"), "3")
        self.assertEqual([], run.trace.rows("SELECT * FROM failures"))
        self.assertNotIn(b"made to fail", run.err)

    def test_what_the_program_sees_is_what_is_told(self):
        run = self.fail_some("every=3,seed=5,site=_ones")
        self.assertEqual(sum(run.seen.values()), sum(f["count"] for f in run.failures))
        self.assertIn(f"{sum(run.seen.values())} allocations made to fail",
                      run.err.decode())
        # All sorts were met.
        self.assertEqual({"malloc", "calloc", "realloc", "aligned_alloc", "memalign",
                          "posix_memalign", "new", "nothrow", "aligned",
                          "aligned_nothrow"}, set(run.seen))
        self.assertEqual({"operator new", "operator new[]", "operator new(nothrow)"},
                         {f["api"] for f in run.failures if "new" in f["api"]
                          and "align" not in f["api"]})

    def test_operator_new_throws_or_gives_null(self):
        run = self.fail_some("site=new_ones")
        self.assertEqual({"new": 2 * ROUNDS, "nothrow": ROUNDS, "aligned": ROUNDS,
                          "aligned_nothrow": ROUNDS}, run.seen)
        self.assertEqual(5 * ROUNDS, sum(f["count"] for f in run.failures))

    def test_one_of_all(self):
        run = self.fail_some("nth=40,site=_ones")
        self.assertEqual(1, sum(run.seen.values()))
        self.assertEqual([1], [f["count"] for f in run.failures])
        self.assertIn(b"1 allocation made to fail", run.err)

    def test_large_ones(self):
        run = self.fail_some("above=1000,site=large_ones")
        self.assertEqual({"malloc": ROUNDS, "realloc": ROUNDS}, run.seen)
        self.assertEqual({5000 * ROUNDS, 9000 * ROUNDS}, {f["bytes"] for f in run.failures})

    def test_below_a_function(self):
        for pattern in ("small_ones", "^_ZN12_GLOBAL__N_110small_onesEv$", "s*all_on"):
            run = self.fail_some(f"site={pattern}")
            self.assertEqual({"malloc": ROUNDS, "calloc": ROUNDS}, run.seen, pattern)
        self.assertEqual({}, self.fail_some("site=no_such_function").seen)

    def test_of_a_module(self):
        run = self.fail_some("site=^meets_failures$,above=4000")
        self.assertEqual({"malloc": ROUNDS, "realloc": ROUNDS}, run.seen)

    def test_at_random_the_same_each_time(self):
        first, second = (self.fail_some("every=4,seed=7,site=small_ones") for _ in range(2))
        other = self.fail_some("every=4,seed=8,site=small_ones")
        self.assertEqual(first.seen, second.seen)
        count = sum(first.seen.values())
        self.assertTrue(ROUNDS / 5 < count < ROUNDS * 4 / 5, count)
        self.assertNotEqual(first.seen, other.seen)

    def test_a_program_that_does_not_look_dies(self):
        run = self.record(program("expects_no_failure"),
                          options=["--fail", "site=copy_name,nth=4"])
        self.assertEqual(-signal.SIGSEGV, run.status)
        (failure,) = run.trace.rows("SELECT * FROM failures")
        self.assertEqual(("copy_name", 5, "malloc", 1, 40),
                         tuple(failure[k] for k in ("function", "line", "api", "count",
                                                    "bytes")))
        report = self.memoir("report", run.trace.path)
        self.assertIn(b"Made to fail: 1 allocation\n       1 time  of 40 B by malloc\n",
                      report.out)
        told = json.loads(self.memoir("report", "--json", run.trace.path).out)["failures"]
        self.assertEqual(1, told["count"])
        self.assertEqual("copy_name", told["sites"][0]["function"])

    def test_what_is_no_condition_is_refused(self):
        for wrong in ("", "nth", "nth=", "nth=0", "nth=x", "often=3", "every=2,,seed=1",
                      "above=99999999999999999999", "site="):
            run = self.memoir("run", "--fail", wrong, "--", "true")
            if wrong == "":
                continue
            self.assertEqual(2, run.status, wrong)
            self.assert_one_line(run, "--fail")


if __name__ == "__main__":
    unittest.main()
