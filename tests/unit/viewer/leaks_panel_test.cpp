// Leaks in groups, with their ages, of a stretch of time, and without what somebody
// suppressed.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "analyze/leak_table.h"
#include "analyze/suppression_file.h"
#include "analyze/units.h"
#include "support/leaking_trace.h"
#include "support/scratch_file.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

class LeaksPanelTest : public testing::Test {
 protected:
  LeaksPanelTest() {
    {
      SyntheticTrace trace(file_.path());
      write_leaking_trace(trace);
    }
    stage_.app().open(file_.path());
    stage_.settle();
    stage_.app().go(PanelId::kLeaks);
    settle();
  }
  void settle() {
    ASSERT_TRUE(stage_.settle());
    stage_.draw_frames(2);
  }
  void filter(const std::string& text) {
    View view = stage_.app().view();
    view.filter = text;
    stage_.app().go(view);
    settle();
  }
  void range(std::uint64_t begin, std::uint64_t end) {
    View view = stage_.app().view();
    view.range = TimeRange{begin, end};
    stage_.app().go(view);
    settle();
  }
  void press(std::string_view keys) {
    const auto chord = parse_chord(keys);
    ASSERT_TRUE(chord.has_value());
    stage_.press(*chord);
    settle();
  }
  static std::string text_of(std::string_view mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }
  // The row that begins so.
  static std::string row_of(std::string_view name) {
    for (std::size_t i = 0; i < 20; ++i) {
      const std::string row = fmt::format("leaks.row.{}", i);
      if (text_of(row).starts_with(name)) return row;
    }
    return "(no row)";
  }

  ScratchFile file_;
  std::filesystem::path rules_ = suppression_path(file_.path());
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(LeaksPanelTest, AreGroupedAsSomebodyChooses) {
  EXPECT_EQ(text_of("leaks.row.0"), "leak_here() 3000");
  ASSERT_TRUE(stage_.click("leaks.group"));
  ASSERT_TRUE(stage_.click("leaks.group.file"));
  settle();
  EXPECT_NE(find_mark(row_of("/src/lib/early.cpp 400")), nullptr);
  ASSERT_TRUE(stage_.click("leaks.group"));
  ASSERT_TRUE(stage_.click("leaks.group.thread"));
  settle();
  EXPECT_NE(find_mark(row_of("process 3, thread 2 \"helper\" 1000")), nullptr);
}

TEST_F(LeaksPanelTest, ARangeNarrowsThemAndSaysSo) {
  const std::string whole = text_of("leaks.total");
  EXPECT_EQ(find_mark("leaks.range"), nullptr);
  range(350 * kMs, 1'600 * kMs);
  EXPECT_EQ(text_of("leaks.row.0"), "late() 1000");
  EXPECT_EQ(text_of("leaks.row.1"), "early() 100");
  EXPECT_EQ(find_mark("leaks.row.2"), nullptr);
  EXPECT_NE(text_of("leaks.range").find("Only what was allocated"), std::string::npos);
  ASSERT_TRUE(stage_.click("leaks.whole_time"));
  settle();
  EXPECT_EQ(text_of("leaks.total"), whole);
}

TEST_F(LeaksPanelTest, WordsAboutBlocksAreAsked) {
  filter("size<500 process:3");
  EXPECT_EQ(text_of("leaks.row.0"), "early() 400");
  EXPECT_EQ(find_mark("leaks.row.1"), nullptr);
  filter("pool:x");
  EXPECT_NE(text_of("leaks.remark.0").find("pool:x"), std::string::npos);
}

TEST_F(LeaksPanelTest, XWritesARuleBesideTheTraceAndItsSumIsSaid) {
  stage_.app().go(PanelId::kSummary);
  ASSERT_TRUE(stage_.settle());
  stage_.app().go(PanelId::kLeaks);
  ASSERT_TRUE(stage_.settle());
  const std::string whole = text_of("leaks.total");
  ASSERT_TRUE(stage_.click(row_of("early()")));
  press("X");
  EXPECT_EQ(row_of("early()"), "(no row)");
  EXPECT_NE(text_of("leaks.silenced.0").find(format_bytes(400)), std::string::npos);
  EXPECT_NE(text_of("leaks.silenced.0").find("leak:early()"), std::string::npos);
  EXPECT_EQ(read_suppression_file(rules_).rules().at(0).rule(), "leak:early()");
  // The Summary leaves it out at once, too.
  stage_.app().go(PanelId::kSummary);
  ASSERT_TRUE(stage_.settle());
  for (int row = 0; row < 5; ++row) {
    EXPECT_NE(text_of("summary.leaked." + std::to_string(row)), "early()") << row;
  }
  stage_.app().go(PanelId::kLeaks);
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.click("leaks.unsuppress.0"));
  settle();
  EXPECT_EQ(text_of("leaks.total"), whole);
  EXPECT_TRUE(read_suppression_file(rules_).empty());
  EXPECT_EQ(find_mark("leaks.silenced.0"), nullptr);
}

TEST_F(LeaksPanelTest, TheRightButtonOffersRules) {
  ASSERT_TRUE(stage_.click(row_of("late()"), 1));
  stage_.draw_frames(3);
  EXPECT_EQ(text_of("leaks.menu.function"), "late()");
  EXPECT_EQ(text_of("leaks.menu.line"), "/src/app/late.cpp:6$");
  ASSERT_TRUE(stage_.click("leaks.menu.file"));
  settle();
  EXPECT_EQ(read_suppression_file(rules_).rules().at(0).rule(), "leak:/src/app/late.cpp");
  EXPECT_EQ(row_of("late()"), "(no row)");
}

TEST_F(LeaksPanelTest, RulesThatCannotBeReadAreTold) {
  std::ofstream(rules_) << "nonsense\n";
  stage_.app().perform(Command::kReload);
  settle();
  EXPECT_NE(text_of("leaks.remark.0").find("nonsense"), std::string::npos);
  EXPECT_NE(row_of("early()"), "(no row)");
}

TEST_F(LeaksPanelTest, EnterLeadsToTheBlocks) {
  ASSERT_TRUE(stage_.click(row_of("late()")));
  press("Enter");
  EXPECT_EQ(stage_.app().view().panel, PanelId::kAllocations);
  EXPECT_NE(stage_.app().view().filter.find("leaked"), std::string::npos);
  EXPECT_NE(stage_.app().view().filter.find("site:"), std::string::npos);
}

}  // namespace
}  // namespace memoir
