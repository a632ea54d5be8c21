#include "launcher/sites_text.h"

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

class SitesTextTest : public testing::Test {
 protected:
  SitesTextTest() : trace_(file_.path()) { trace_.write(); }
  CallSites sites(SiteKind kind = SiteKind::kHeap) {
    return {trace_.writer().database(), kind};
  }

  const ScratchFile file_;
  SyntheticTrace trace_;
};

TEST_F(SitesTextTest, BeginsWithTheFiguresOfAllCallSites) {
  const CallSites all = sites();
  const std::string text =
      render_sites(all.top(SiteOrder::kLeaked, 1), SiteOrder::kLeaked, all, {});
  EXPECT_THAT(text, StartsWith("       LEAKED         PEAK     OWN-PEAK    ALLOCATED     "
                               "   COUNT    TEMPORARY\n"
                               "      3.5 KiB      7.3 KiB      8.4 KiB     61.0 MiB    "
                               "1,000,015      500,000\n"
                               "    all 3 call sites\n"));
}

TEST_F(SitesTextTest, HasALineOfFiguresAndOneOfNameForEach) {
  const CallSites all = sites();
  const std::string text =
      render_sites(all.top(SiteOrder::kLeaked, 10), SiteOrder::kLeaked, all, {});
  EXPECT_THAT(text, HasSubstr("\n      2.9 KiB      2.0 KiB      2.9 KiB      2.9 KiB    "
                              "        3            0\n"
                              "    leak_here()  leak.cpp:12\n"));
  EXPECT_LT(text.find("leak_here()"), text.find("strings(char const*)"));
  EXPECT_LT(text.find("strings(char const*)"), text.find("churn(std::vector<int>&)"));
}

TEST_F(SitesTextTest, KeepsTheOrderThatItIsGivenAndShowsWhichItIs) {
  const CallSites all = sites();
  const std::string text = render_sites(all.top(SiteOrder::kCount, 10), SiteOrder::kCount,
                                        all, {.colour = true});
  EXPECT_LT(text.find("churn"), text.find("leak_here"));
  EXPECT_THAT(text, HasSubstr("\x1b[1m        COUNT\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[2m       LEAKED\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[36m    1,000,000\x1b[0m"));
}

TEST_F(SitesTextTest, SaysThatNothingWasAllocated) {
  const CallSites all = sites();
  EXPECT_EQ(render_sites({}, SiteOrder::kLeaked, all, {}),
            "No call sites: nothing was allocated.\n");
}

TEST_F(SitesTextTest, OneIsNotSeveral) {
  const CallSites all = sites(SiteKind::kMapping);
  EXPECT_THAT(render_sites(all.top(SiteOrder::kLeaked, 1), SiteOrder::kLeaked, all, {}),
              HasSubstr("\n    all 1 call site\n"));
}

// Names come from whoever made the trace.
TEST_F(SitesTextTest, FitsItsWidthAndSteersNoTerminal) {
  const CallSites all = sites();
  std::vector<CallSite> top = all.top(SiteOrder::kLeaked, 3);
  top[0].function = "f\x1b[2J\n" + std::string(300, 'x');
  top[0].file = "/a/" + std::string(300, 'p') + "\x1b]0;title\x07.cpp";
  top[1].file.clear();
  top[1].module = "/lib/\r" + std::string(300, 'm');
  top[2].function.clear();
  top[0].figures.live_bytes = ~std::uint64_t{0};
  for (const std::size_t width : {80, 200}) {
    const std::string text = render_sites(top, SiteOrder::kLeaked, all, {.width = width});
    for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c != 0x7f));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(display_width(line), width) << line;
    }
  }
}

}  // namespace
}  // namespace memoir
