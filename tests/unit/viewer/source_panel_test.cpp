// The source panel shows the file that lies on disk, with what its lines cost.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

class SourcePanelTest : public testing::Test {
 protected:
  SourcePanelTest() {
    std::ofstream text(source_.path());
    for (int line = 1; line <= 900; ++line) text << "\tline " << line << ";\n";
    text.close();
    age(24 * 365 * 20);
    SyntheticTrace trace(file_.path());
    inner_ = trace.stack({{"outer()", source_.path().string(), 700},
                          {"inner()", source_.path().string(), 350}});
    gone_ = trace.stack({{"gone()", "/no/such/file.cpp", 5}});
    trace.write();
    trace.writer().put_meta("started_at", "2021-01-01T00:00:00Z");
    trace.writer().put_site({.process = {1},
                             .stack = inner_,
                             .api = Api::kMalloc,
                             .allocations = 3,
                             .allocated_bytes = 90'000'000,
                             .live_blocks = 3,
                             .live_bytes = 4'000});
    trace.writer().finish();
    stage_.app().open(file_.path());
    stage_.settle();
    stage_.app().go(PanelId::kSource);
    stage_.settle();
  }
  void select(TraceStackId stack, const std::string& file = "", std::int64_t line = 0) {
    View view = stage_.app().view();
    view.clear_selection();
    view.stack = stack;
    view.file = file;
    view.line = line;
    stage_.app().go(view);
    ASSERT_TRUE(stage_.settle());
    stage_.draw_frames(2);
  }
  void age(int hours) {
    std::filesystem::last_write_time(
        source_.path(),
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
  }
  static std::string text_of(std::string_view mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }

  ScratchFile source_, file_;
  TraceStackId inner_, gone_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(SourcePanelTest, FilesAreListedByTheirCostAndOpenOnAClick) {
  EXPECT_EQ(text_of("source.files.row.0"), source_.path().string());
  ASSERT_TRUE(stage_.click("source.files.row.0"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(stage_.app().view().file, source_.path().string());
  EXPECT_NE(find_mark("source.line.1"), nullptr);
  ASSERT_TRUE(stage_.click("source.files"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(find_mark("source.files.row.0"), nullptr);
}

TEST_F(SourcePanelTest, TheLineOfTheSelectedStackIsInSightWithItsCosts) {
  select(inner_);
  EXPECT_EQ(text_of("source.file"), source_.path().string() + ":350");
  EXPECT_EQ(text_of("source.line.350"), "90000000 90000000 chosen");
  EXPECT_EQ(find_mark("source.line.1"), nullptr);
  select(inner_, source_.path().string(), 700);
  EXPECT_EQ(text_of("source.line.700"), "0 90000000 chosen");
  EXPECT_EQ(find_mark("source.line.350"), nullptr);
}

TEST_F(SourcePanelTest, AnotherFigureIsChosen) {
  select(inner_);
  ASSERT_TRUE(stage_.click("source.cost"));
  ASSERT_TRUE(stage_.click("source.cost.leaked"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(text_of("source.line.350"), "4000 4000 chosen");
}

TEST_F(SourcePanelTest, AClickChoosesALineWhereItIs) {
  select(inner_);
  ASSERT_TRUE(stage_.click("source.line.352"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(stage_.app().view().line, 352);
  EXPECT_EQ(text_of("source.line.352"), "0 0 chosen");
}

TEST_F(SourcePanelTest, AFileThatChangedSinceIsSaidToDiffer) {
  select(inner_);
  EXPECT_EQ(find_mark("source.banner"), nullptr);
  age(0);
  stage_.app().perform(Command::kReload);
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(text_of("source.banner").find("record"), std::string::npos)
      << text_of("source.banner");
}

TEST_F(SourcePanelTest, AFileThatIsNotThereSaysWhy) {
  select(gone_);
  EXPECT_NE(text_of("source.missing.text").find("/no/such/file.cpp"), std::string::npos)
      << text_of("source.missing.text");
}

TEST_F(SourcePanelTest, TheSourceOfAFrameStandsBelowItsStack) {
  select(inner_, source_.path().string(), 350);
  stage_.app().go(PanelId::kLeaks);
  ASSERT_TRUE(stage_.settle());
  stage_.draw_frames(2);
  EXPECT_NE(text_of("details.source.line.350").find("chosen"), std::string::npos);
  EXPECT_NE(find_mark("split.source"), nullptr);
}

}  // namespace
}  // namespace memoir
