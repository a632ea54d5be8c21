"""memoir/expect_no_leaks.h: tests that leak fail, with functions and lines of what they leak;
others pass; and without Memoir nothing is judged, which is said."""
import re
import signal
import unittest

from memoir_test import MemoirTest, program

CHECK = ("--mode", "check", "-q")
PROFILE = ("--mode", "profile", "-q")
NOT_JUDGED = "leaks are not judged: the program runs without Memoir's heap"
LEAKING = {"Leaking.Forgets", "Leaking.InAThread", "Leaking.ThroughLibc"}


def verdicts(out, word):
    return set(re.findall(rf"^\[ *{word} *\] (\w+\.\w+)", out, re.MULTILINE))


class ExpectNoLeaksTest(MemoirTest):
    def check_tests(self, run):
        out = run.out.decode()
        self.assertEqual(1, run.status, out)
        self.assertEqual(LEAKING | {"Failing.IsNotJudged"}, verdicts(out, "FAILED"))
        self.assertEqual({"Clean.FreesWhatItMakes", "Clean.UsesStreamsAndThreads",
                          "Clean.FreesWhatWasMadeBefore", "Clean.IgnoresWhatIsNamed"},
                         verdicts(out, "OK"))
        for bytes_, blocks, function, line in (
                (3000, "3 blocks", "make_and_forget", 16), (2000, "1 block", "make_and_forget", 16),
                (10, "1 block", "ThroughLibc_Test::TestBody", 59)):
            self.assertRegex(out, rf"{blocks}, {bytes_} bytes allocated here and still live\n"
                                  rf"(.*\n)+?.*{function}.*leaking_tests.cpp:{line}\n")
        self.assertRegex(out, r"leaking_tests.cpp:46: Failure\n")
        self.assertNotIn("still live", out[out.index("[ RUN      ] Failing"):])

    def test_of_googletest(self):
        self.check_tests(self.record(program("leaking_tests"), options=CHECK))

    def test_of_googletest_between_guard_pages(self):
        self.check_tests(self.record(program("leaking_tests"), options=("--mode", "guard", "-q")))

    def test_of_googletest_linked(self):
        for kind in ("shared", "static"):
            self.check_tests(self.run_alone(program(f"leaking_tests_{kind}")))

    def test_without_a_heap(self):
        for run in (self.run_alone(program("leaking_tests")),
                    self.record(program("leaking_tests"), options=PROFILE)):
            out = run.out.decode()
            self.assertEqual({"Failing.IsNotJudged"}, verdicts(out, "FAILED"))
            self.assertEqual(7, len(verdicts(out, "SKIPPED")), out)
            self.assertEqual(7, out.count(NOT_JUDGED))

    def test_without_googletest(self):
        where = "leaking_scopes.cpp:"
        run = self.record(program("leaking_scopes"), "print", options=CHECK)
        self.assertEqual(0, run.status)
        self.assertRegex(run.err.decode(), where + r"\d+: 1 block, 4 bytes allocated here")
        self.assertRegex(run.err.decode(), r"#0 .*make_and_forget.*leaking_scopes.cpp:11\n")
        run = self.record(program("leaking_scopes"), "throw", options=CHECK)
        self.assertEqual((0, b"thrown: 1\nthe first exception goes on\n"), (run.status, run.out))
        run = self.record(program("leaking_scopes"), "abort", options=CHECK)
        self.assertIn(run.status, (-signal.SIGABRT, 128 + signal.SIGABRT))
        run = self.run_alone(program("leaking_scopes"), "print")
        self.assertEqual(0, run.status)
        self.assertIn(NOT_JUDGED, run.err.decode())

    def test_scopes_in_scopes(self):
        run = self.record(program("leaking_scopes"), "look", options=CHECK)
        self.assertEqual((0, b"judged 1: 100002 blocks, 1200012 bytes, 3 places\n"
                             b"judged 1: 1 blocks, 4 bytes, 1 places\n"
                             b"judged 1: 2 blocks, 8 bytes, 2 places\n"), (run.status, run.out))
        self.assertEqual(1, len(run.trace.processes()))  # not the command that knows the names

    def test_lines_of_addresses(self):
        lines = self.memoir("lines", "/no/such/file+0x10", "/no/such/file+0xff")
        self.assertEqual((0, b"file+0x10\t\tprogram\n\nfile+0xff\t\tprogram\n\n"),
                         (lines.status, lines.out))
        for wrong in (("lines",), ("lines", "file"), ("lines", "file+0x"), ("lines", "+0x10"),
                      ("lines", "file+0x10g")):
            self.assertEqual(2, self.memoir(*wrong).status, wrong)


if __name__ == "__main__":
    unittest.main()
