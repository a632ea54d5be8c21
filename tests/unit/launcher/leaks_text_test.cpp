#include "launcher/leaks_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "analyze/units.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LeaksTextTest : public testing::Test {
 protected:
  LeaksTextTest() : trace_(file_.path()) { trace_.write(); }
  Database& database() { return trace_.writer().database(); }
  std::string render(const LeakReport& report, std::size_t most = 20,
                     const TextStyle& style = {}) {
    StackExpander expander(database());
    return render_leaks(report, most, expander, style);
  }
  std::string render_all(std::optional<ProcessId> only = std::nullopt) {
    return render(find_leaks(database(), only));
  }

  const ScratchFile file_;
  SyntheticTrace trace_;
};

TEST_F(LeaksTextTest, SaysHowMuchLeakedAndFromWhere) {
  EXPECT_THAT(render_all(ProcessId{1}),
              StartsWith("Leaked: 3.4 KiB in 4 blocks from 2 call sites\n"
                         "\n"
                         " 1     2.9 KiB  85.7%  3 blocks\n"
                         "    leak_here()\n"
                         "    at /src/app/leak.cpp:12\n"
                         "      operator new(unsigned long)"));
}

TEST_F(LeaksTextTest, ShowsTheHeaviestStackAndThatThereAreOthers) {
  const std::string text = render_all(ProcessId{1});
  EXPECT_THAT(text, HasSubstr("\n      run(int) "));
  EXPECT_THAT(text, HasSubstr("\n      the heaviest of 2 stacks, with 2.0 KiB\n\n 2 "));
  // The other leak has one stack, of which nothing need be said.
  EXPECT_THAT(text.substr(text.find("\n 2 ")), Not(HasSubstr("heaviest")));
}

TEST_F(LeaksTextTest, TellsProcessesApartWhereThereAreSeveral) {
  const std::string text = render_all();
  EXPECT_THAT(text, HasSubstr("3 blocks  process 1\n"));
  EXPECT_THAT(text, HasSubstr("1 block  process 2\n"));
  EXPECT_THAT(render_all(ProcessId{1}), Not(HasSubstr("process")));
}

TEST_F(LeaksTextTest, SaysTheClassWhereOneIsKnown) {
  EXPECT_THAT(render_all(), Not(HasSubstr("unknown")));
  LeakReport report = find_leaks(database(), ProcessId{1});
  report.leaks.front().leak_class = "definite";
  EXPECT_THAT(render(report), HasSubstr("3 blocks  definite\n"));
}

TEST_F(LeaksTextTest, SaysHowManyAreNotShown) {
  const LeakReport report = find_leaks(database());
  const std::string text = render(report, 1);
  EXPECT_THAT(text, HasSubstr("leak_here()"));
  EXPECT_THAT(text, Not(HasSubstr("strings(")));
  EXPECT_THAT(text, HasSubstr("\n2 call sites more (--top N shows them)\n"));
  EXPECT_THAT(render(report, 2), HasSubstr("\n1 call site more "));
  EXPECT_THAT(render(report, 3), Not(HasSubstr("more")));
}

TEST_F(LeaksTextTest, SaysThatNothingLeaked) {
  EXPECT_EQ(render({}), "No leaks: every block was freed.\n");
}

TEST_F(LeaksTextTest, IsColouredOnlyWhenAsked) {
  const LeakReport report = find_leaks(database(), ProcessId{1});
  EXPECT_THAT(render(report), Not(HasSubstr("\x1b")));
  EXPECT_THAT(render(report, 20, {.colour = true}),
              HasSubstr("\x1b[1mleak_here()\x1b[0m"));
}

// Names come from whoever made the trace.
TEST_F(LeaksTextTest, FitsItsWidthAndSteersNoTerminal) {
  LeakReport report = find_leaks(database());
  Leak& leak = report.leaks.front();
  leak.leak_class = "definite\x1b[2J";
  leak.function = "f\x1b[2J\n" + std::string(300, 'x');
  leak.file = "/a/\x1b]0;title\x07/" + std::string(300, 'p') + ".cpp";
  leak.module = "/lib/\r" + std::string(300, 'm');
  leak.bytes = leak.heaviest_bytes = report.bytes = ~std::uint64_t{0};
  for (const std::size_t width : {60, 80, 200}) {
    const std::string text = render(report, 20, {.width = width});
    for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c != 0x7f));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(display_width(line), width) << line;
    }
  }
}

}  // namespace
}  // namespace memoir
