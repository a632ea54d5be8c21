#include "viewer/app.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "analyze/leaks.h"
#include "analyze/units.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

// Two processes, leaks in five sites; see synthetic_trace.h.
class AppTest : public testing::Test {
 protected:
  AppTest() {
    SyntheticTrace trace(file_.path());
    trace.write();
    trace.writer().finish();
  }

  void open() {
    stage_.app().open(file_.path());
    ASSERT_TRUE(stage_.settle());
    ASSERT_NE(stage_.app().session(), nullptr);
    ASSERT_EQ(stage_.app().session()->error(), "");
  }
  void press(const char* keys) {
    stage_.press(*parse_chord(keys));
    ASSERT_TRUE(stage_.settle());
  }
  static std::string text_of(std::string_view mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }

  ScratchFile file_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(AppTest, BeginsWithAWordOfHowToRecord) {
  EXPECT_NE(text_of("welcome.command").find("memoir run"), std::string::npos);
  EXPECT_NE(find_mark("welcome.none"), nullptr);
}

TEST_F(AppTest, ShowsWhatTheReportSays) {
  open();
  TraceReader reader(file_.path());
  const RunSummary run = summarize(reader);
  EXPECT_NE(text_of("top.summary").find(format_count(run.total.events)),
            std::string::npos);
  EXPECT_NE(text_of("summary.figures").find(format_count(run.total.allocations)),
            std::string::npos);
  EXPECT_NE(text_of("summary.leaks").find(format_bytes(run.total.live_bytes)),
            std::string::npos);
  press("2");
  const LeakReport leaks = find_leaks(reader.database());
  EXPECT_NE(text_of("leaks.total").find(format_bytes(leaks.bytes)), std::string::npos);
  EXPECT_NE(text_of("leaks.row.0").find(leaks.leaks[0].function), std::string::npos);
}

TEST_F(AppTest, EveryPanelDraws) {
  open();
  for (const PanelRow& row : all_panels()) {
    ASSERT_TRUE(stage_.click(std::string("tab.") + row.name)) << row.name;
    ASSERT_TRUE(stage_.settle()) << row.name;
    EXPECT_EQ(stage_.app().view().panel, row.id);
    EXPECT_EQ(text_of(std::string("tab.") + row.name), "current");
  }
}

TEST_F(AppTest, BackAndForwardLeadThroughPanelsAndFilters) {
  open();
  press("2");
  press("/");
  stage_.type("fn:parse");
  press("Enter");
  EXPECT_EQ(stage_.app().view().filter, "fn:parse");
  EXPECT_NE(find_mark("chip.filter"), nullptr);
  press("Alt+Left");
  EXPECT_EQ(stage_.app().view().filter, "");
  press("Alt+Left");
  EXPECT_EQ(stage_.app().view().panel, PanelId::kSummary);
  press("Alt+Right");
  press("Alt+Right");
  EXPECT_EQ(stage_.app().view().filter, "fn:parse");
  ASSERT_TRUE(stage_.click("chip.filter"));
  EXPECT_EQ(stage_.app().view().filter, "");
}

TEST_F(AppTest, TheFilterNarrowsLeaksAndSaysWhatIsWrongWithIt) {
  open();
  press("2");
  const std::string whole = text_of("leaks.total");
  press("/");
  stage_.type("size>many");
  EXPECT_NE(find_mark("filter.error"), nullptr);
  press("Ctrl+A");
  stage_.type("fn:\"no such function\"");
  EXPECT_EQ(find_mark("filter.error"), nullptr);
  press("Enter");
  EXPECT_NE(text_of("empty.text").find("no such function"), std::string::npos)
      << text_of("empty.text") << " " << text_of("filter");
  ASSERT_TRUE(stage_.click("leaks.clear_filter"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(text_of("leaks.total"), whole);
  const std::string first = text_of("leaks.row.0");
  press("/");
  stage_.type("-fn:\"" + first.substr(0, first.rfind(' ')) + "\"");
  press("Enter");
  EXPECT_NE(text_of("leaks.total"), whole);
  EXPECT_NE(text_of("leaks.row.0"), first);
}

TEST_F(AppTest, TheFilterProposesWordsAndNames) {
  open();
  press("/");
  stage_.type("lea");
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(text_of("filter.proposal.0").find("leaked"), std::string::npos);
  press("Tab");
  EXPECT_EQ(text_of("filter"), "leaked ");
}

TEST_F(AppTest, WhereThereIsLittleRoomTheDetailsOfNothingTakeNone) {
  open();
  EXPECT_NE(find_mark("split.details"), nullptr);
  stage_.resize(800, 500);
  stage_.draw_frames(2);
  EXPECT_EQ(find_mark("split.details"), nullptr);
  // Tabs are icons there; each can still be reached.
  for (const PanelRow& row : all_panels()) {
    const UiMark* tab = find_mark(std::string("tab.") + row.name);
    ASSERT_NE(tab, nullptr) << row.name;
    EXPECT_LE(tab->max.x, 800) << row.name;
  }
  press("2");
  press("J");
  EXPECT_NE(find_mark("split.details"), nullptr);
}

TEST_F(AppTest, TheMenuHasEveryCommand) {
  open();
  ASSERT_TRUE(stage_.click("menu"));
  std::string group;
  for (const CommandRow& row : all_commands()) {
    if (group != row.group) {
      group = row.group;
      ASSERT_TRUE(stage_.click("menu." + group)) << group;
    }
    EXPECT_NE(find_mark(std::string("menu.") + row.name), nullptr) << row.name;
  }
  ASSERT_TRUE(stage_.click("menu.kHelp"));
  stage_.draw_frames(2);
  EXPECT_NE(find_mark("help"), nullptr);
}

TEST_F(AppTest, RowsAreSelectedByKeysAndByTheMouse) {
  open();
  press("2");
  press("J");
  const TraceStackId first = stage_.app().view().stack;
  EXPECT_TRUE(first);
  bool is_stack_shown = false;
  for (const auto& [name, unused] : all_marks()) {
    is_stack_shown |= name.starts_with("details.frame.") && find_mark(name) != nullptr;
  }
  EXPECT_TRUE(is_stack_shown);
  press("J");
  EXPECT_NE(stage_.app().view().stack, first);
  press("K");
  EXPECT_EQ(stage_.app().view().stack, first);
  ASSERT_TRUE(stage_.click("leaks.row.1"));
  EXPECT_NE(stage_.app().view().stack, first);
}

TEST_F(AppTest, TheTimelineChoosesAMomentAndARange) {
  open();
  ASSERT_TRUE(stage_.click("timeline"));
  ASSERT_TRUE(stage_.app().view().moment.has_value());
  const std::uint64_t span = stage_.app().session()->facts()->span;
  EXPECT_NEAR(static_cast<double>(*stage_.app().view().moment),
              static_cast<double>(span) / 2, static_cast<double>(span) / 50);
  ASSERT_TRUE(stage_.drag("timeline", {0.25f, 0.5f}, {0.75f, 0.5f}));
  ASSERT_TRUE(stage_.app().view().range.has_value());
  const TimeRange range = *stage_.app().view().range;
  EXPECT_NEAR(static_cast<double>(range.begin), static_cast<double>(span) / 4,
              static_cast<double>(span) / 50);
  EXPECT_NEAR(static_cast<double>(range.end), static_cast<double>(span) * 3 / 4,
              static_cast<double>(span) / 50);
  const std::string whole = text_of("timeline");
  press("Shift+F");
  EXPECT_NE(text_of("timeline"), whole);
  press("F");
  EXPECT_EQ(text_of("timeline"), whole);
  ASSERT_TRUE(stage_.wheel("timeline", 3));
  EXPECT_NE(text_of("timeline"), whole);
}

TEST_F(AppTest, ThePaletteFindsCommandsPanelsAndFunctions) {
  open();
  press("Ctrl+P");
  stage_.type("leaks");
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(text_of("palette.choice.0").find("Leaks"), std::string::npos);
  press("Enter");
  EXPECT_EQ(stage_.app().view().panel, PanelId::kLeaks);
  EXPECT_EQ(find_mark("palette.text"), nullptr);
  press("Ctrl+P");
  press("Escape");
  EXPECT_EQ(find_mark("palette.text"), nullptr);
}

TEST_F(AppTest, HelpListsEveryKey) {
  press("F1");
  EXPECT_NE(find_mark("help"), nullptr);
  press("Escape");
  EXPECT_EQ(find_mark("help"), nullptr);
}

TEST_F(AppTest, SizeAndThemeChange) {
  open();
  const float before = ImGui::GetFontSize();
  press("Ctrl+=");
  press("Ctrl+=");
  EXPECT_GT(ImGui::GetIO().Fonts->Fonts[0]->FontSize, before);
  press("Ctrl+0");
  EXPECT_EQ(ImGui::GetIO().Fonts->Fonts[0]->FontSize, before);
  const ThemeKind theme_before = theme().kind;
  press("Ctrl+T");
  EXPECT_NE(theme().kind, theme_before);
}

TEST_F(AppTest, SqlAnswersAndSaysWhatIsWrong) {
  open();
  stage_.app().go(PanelId::kSql);
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.click("sql.saved.leaks"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(find_mark("sql.row.0"), nullptr);
  ASSERT_TRUE(stage_.click("sql.text"));
  press("Ctrl+A");
  stage_.type("select nonsense from nowhere");
  ASSERT_TRUE(stage_.click("sql.run"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(text_of("sql.problem").find("nowhere"), std::string::npos);
}

TEST_F(AppTest, ProcessesNarrowAllPanels) {
  open();
  stage_.app().go(PanelId::kThreads);
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.click("processes.row.1"));
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.app().view().process.has_value());
  EXPECT_NE(find_mark("chip.process"), nullptr);
  press("2");
  TraceReader reader(file_.path());
  const LeakReport leaks = find_leaks(reader.database(), stage_.app().view().process);
  EXPECT_EQ(find_mark("leaks.row.0") != nullptr, !leaks.leaks.empty());
}

TEST_F(AppTest, WhatCannotBeOpenedSaysWhy) {
  const ScratchFile other;
  std::ofstream(other.path()) << "this is not a trace, but it is a file of some length";
  struct Case {
    std::string path, expected;
  };
  for (const Case& one :
       {Case{"/no/such.memoir", "no such file"}, Case{"/tmp", "is a directory"},
        Case{other.path().string(), "not a"}}) {
    stage_.app().open(one.path);
    ASSERT_TRUE(stage_.settle());
    EXPECT_NE(text_of("empty.text").find(one.expected), std::string::npos)
        << one.path << ": " << text_of("empty.text");
    ASSERT_NE(find_mark("failure.close"), nullptr);
  }
  ASSERT_TRUE(stage_.click("failure.close"));
  EXPECT_EQ(stage_.app().session(), nullptr);
}

TEST_F(AppTest, ASecondTraceThatCannotBeReadLeavesTheFirst) {
  open();
  stage_.app().open_to_compare("/no/such.memoir");
  ASSERT_TRUE(stage_.settle());
  stage_.draw_frames(2);
  EXPECT_EQ(stage_.app().other_session(), nullptr);
  EXPECT_NE(text_of("notice").find("no such file"), std::string::npos);
  EXPECT_EQ(stage_.app().session()->error(), "");
}

}  // namespace
}  // namespace memoir
