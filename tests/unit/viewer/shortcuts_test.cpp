// Every key of commands.inc is pressed, and does what its command says. A command without
// a check does not link: each has a member check_<id>().

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

constexpr std::uint64_t kHalf = 500'000'000;

struct Shortcut {
  const CommandRow* row;
  std::string keys;
  KeyChord chord;
};

std::vector<Shortcut> all_shortcuts() {
  std::vector<Shortcut> all;
  for (const CommandRow& row : all_commands()) {
    std::string_view rest = row.keys;
    for (const KeyChord& chord : chords_of(row)) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      all.push_back({&row, std::string(rest.substr(0, end)), chord});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return all;
}

void PrintTo(const Shortcut& shortcut, std::ostream* out) {
  *out << shortcut.row->name << " by " << shortcut.keys;
}

class ShortcutsTest : public testing::TestWithParam<Shortcut> {
 protected:
  void open(bool finish = true) {
    trace_ = std::make_unique<SyntheticTrace>(file_.path());
    trace_->write(finish);
    trace_->writer().begin();
    trace_->writer().put_mark({.process = {1}, .t = kHalf, .name = "half"});
    trace_->writer().commit();
    if (finish) {
      trace_->writer().finish();
      trace_.reset();
    }
    stage_.app().open(file_.path());
    ASSERT_TRUE(stage_.settle());
    ASSERT_EQ(stage_.app().session()->error(), "");
  }
  // A key that a person presses next to the one that is tested.
  void other(const char* keys) {
    stage_.press(*parse_chord(keys));
    ASSERT_TRUE(stage_.settle());
  }
  void press() {
    stage_.press(GetParam().chord);
    ASSERT_TRUE(stage_.settle());
  }
  void show(PanelId panel) {
    stage_.app().go(panel);
    ASSERT_TRUE(stage_.settle());
  }
  void look(const View& view) {
    stage_.app().go(view);
    ASSERT_TRUE(stage_.settle());
  }
  void show_panel(std::size_t number) {
    show(PanelId::kLog);
    press();
    EXPECT_EQ(stage_.app().view().panel, all_panels()[number].id);
    EXPECT_EQ(text_of(std::string("tab.") + all_panels()[number].name), "current");
  }
  const View& view() { return stage_.app().view(); }
  static std::string text_of(std::string_view mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }
  std::pair<std::uint64_t, std::uint64_t> seen() {
    std::uint64_t begin = 0, end = 0;
    std::sscanf(text_of("timeline").c_str(), "%lu %lu", &begin, &end);
    return {begin, end};
  }
  static float letters() { return ImGui::GetIO().Fonts->Fonts[0]->FontSize; }

#define MEMOIR_COMMAND(id, title, keys, group) void check_##id();
#include "viewer/commands.inc"
#undef MEMOIR_COMMAND

  ScratchFile file_;
  std::unique_ptr<SyntheticTrace> trace_;
  Stage stage_{{.plain_fonts = true}};
};

void ShortcutsTest::check_kOpen() {
  press();
  ASSERT_NE(find_mark("dialog.path"), nullptr);
  other("Escape");
  EXPECT_EQ(find_mark("dialog.path"), nullptr);
}

void ShortcutsTest::check_kOpenToCompare() {
  open();
  const ScratchFile second;
  {
    SyntheticTrace trace(second.path());
    trace.write();
    trace.writer().finish();
  }
  press();
  ASSERT_NE(find_mark("dialog.path"), nullptr);
  other("Ctrl+A");
  stage_.type(second.path().string());
  other("Enter");
  ASSERT_NE(stage_.app().other_session(), nullptr);
  EXPECT_EQ(stage_.app().other_session()->path(), second.path());
  EXPECT_EQ(stage_.app().session()->path(), file_.path());
}

void ShortcutsTest::check_kReload() {
  open();
  const std::uint64_t before = stage_.app().session()->generation();
  press();
  EXPECT_GT(stage_.app().session()->generation(), before);
}

void ShortcutsTest::check_kClose() {
  open();
  press();
  EXPECT_EQ(stage_.app().session(), nullptr);
  EXPECT_NE(find_mark("welcome.command"), nullptr);
}

void ShortcutsTest::check_kQuit() {
  EXPECT_FALSE(stage_.app().quit_requested());
  press();
  EXPECT_TRUE(stage_.app().quit_requested());
}

void ShortcutsTest::check_kPalette() {
  press();
  EXPECT_NE(find_mark("palette.text"), nullptr);
}

void ShortcutsTest::check_kFilter() {
  open();
  press();
  stage_.type("fn:leak");
  EXPECT_EQ(text_of("filter"), "fn:leak");
}

void ShortcutsTest::check_kClearFilter() {
  open();
  View narrow = view();
  narrow.filter = "fn:leak";
  narrow.range = TimeRange{10, kHalf};
  narrow.process = ProcessId{1};
  look(narrow);
  press();
  EXPECT_EQ(view().filter, "");
  EXPECT_FALSE(view().range);
  EXPECT_FALSE(view().process);
}

void ShortcutsTest::check_kBack() {
  open();
  show(PanelId::kLeaks);
  press();
  EXPECT_EQ(view().panel, PanelId::kSummary);
}

void ShortcutsTest::check_kForward() {
  open();
  show(PanelId::kLeaks);
  stage_.app().history().back();
  press();
  EXPECT_EQ(view().panel, PanelId::kLeaks);
}

void ShortcutsTest::check_kPanel1() { open(), show_panel(0); }
void ShortcutsTest::check_kPanel2() { open(), show_panel(1); }
void ShortcutsTest::check_kPanel3() { open(), show_panel(2); }
void ShortcutsTest::check_kPanel4() { open(), show_panel(3); }
void ShortcutsTest::check_kPanel5() { open(), show_panel(4); }
void ShortcutsTest::check_kPanel6() { open(), show_panel(5); }
void ShortcutsTest::check_kPanel7() { open(), show_panel(6); }
void ShortcutsTest::check_kPanel8() { open(), show_panel(7); }
void ShortcutsTest::check_kPanel9() { open(), show_panel(8); }

void ShortcutsTest::check_kNextPanel() {
  open();
  press();
  EXPECT_EQ(view().panel, all_panels()[1].id);
  show(all_panels().back().id);
  press();
  EXPECT_EQ(view().panel, all_panels().front().id);
}

void ShortcutsTest::check_kPreviousPanel() {
  open();
  press();
  EXPECT_EQ(view().panel, all_panels().back().id);
  press();
  EXPECT_EQ(view().panel, all_panels()[all_panels().size() - 2].id);
}

void ShortcutsTest::check_kRowDown() {
  open();
  show(PanelId::kLeaks);
  press();
  const TraceStackId first = view().stack;
  EXPECT_TRUE(first);
  EXPECT_TRUE(text_of("leaks.row.0").starts_with(view().function));
  press();
  EXPECT_NE(view().stack, first);
  EXPECT_TRUE(text_of("leaks.row.1").starts_with(view().function));
}

void ShortcutsTest::check_kRowUp() {
  open();
  show(PanelId::kLeaks);
  ASSERT_TRUE(stage_.click("leaks.row.1"));
  press();
  EXPECT_TRUE(text_of("leaks.row.0").starts_with(view().function));
  press();  // there is none above
  EXPECT_TRUE(text_of("leaks.row.0").starts_with(view().function));
}

void ShortcutsTest::check_kDrillIn() {
  open();
  show(PanelId::kTree);
  ASSERT_TRUE(stage_.click("tree.arrow.0"));
  ASSERT_TRUE(stage_.click("tree.row.0"));
  ASSERT_EQ(find_mark("tree.row.1"), nullptr);
  press();
  EXPECT_NE(find_mark("tree.row.1"), nullptr);
}

void ShortcutsTest::check_kDrillOut() {
  open();
  show(PanelId::kFlame);
  const std::string whole = text_of("flame.total");
  ASSERT_TRUE(stage_.click("flame.box.1"));
  ASSERT_NE(text_of("flame.total"), whole);
  press();
  EXPECT_EQ(text_of("flame.total"), whole);
}

void ShortcutsTest::check_kCopy() {
  open();
  show(PanelId::kLeaks);
  ASSERT_TRUE(stage_.click("leaks.row.0"));
  ASSERT_TRUE(stage_.settle());
  press();
  const std::string copied = ImGui::GetClipboardText();
  EXPECT_NE(copied.find(view().function), std::string::npos) << copied;
  EXPECT_NE(copied.find("/src/app/main.cpp:40"), std::string::npos) << copied;
}

void ShortcutsTest::check_kSuppress() {
  open();
  show(PanelId::kLeaks);
  ASSERT_TRUE(stage_.click("leaks.row.0"));
  press();
  EXPECT_EQ(ImGui::GetClipboardText(), "leak:" + view().function);
}

void ShortcutsTest::check_kExport() {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(file_.folder());
  open();
  show(PanelId::kLeaks);
  press();
  press();  // what is there is kept
  std::filesystem::current_path(before);
  for (const char* name : {"leaks.csv", "leaks-2.csv"}) {
    std::ifstream file(file_.folder() / name);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(text.find("leak_here()"), std::string::npos) << name << ": " << text;
  }
}

void ShortcutsTest::check_kSavePicture() {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(file_.folder());
  open();
  show(PanelId::kLeaks);
  press();
  std::filesystem::current_path(before);
  std::ifstream file(file_.folder() / "leaks.png", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(bytes.starts_with("\x89PNG"));
  EXPECT_GT(bytes.size(), 5'000U);
}

void ShortcutsTest::check_kZoomIn() {
  open();
  const auto before = seen();
  press();
  EXPECT_GT(seen().first, before.first);
  EXPECT_LT(seen().second, before.second);
}

void ShortcutsTest::check_kZoomOut() {
  open();
  other("W"), other("W");
  const auto before = seen();
  press();
  EXPECT_LT(seen().first, before.first);
  EXPECT_GT(seen().second, before.second);
}

void ShortcutsTest::check_kPanLeft() {
  open();
  other("W"), other("W");
  const auto before = seen();
  press();
  EXPECT_LT(seen().first, before.first);
  EXPECT_LT(seen().second, before.second);
}

void ShortcutsTest::check_kPanRight() {
  open();
  other("W"), other("W");
  const auto before = seen();
  press();
  EXPECT_GT(seen().first, before.first);
  EXPECT_GT(seen().second, before.second);
}

void ShortcutsTest::check_kFit() {
  open();
  const auto before = seen();
  other("W"), other("W"), other("D");
  ASSERT_NE(seen(), before);
  press();
  EXPECT_EQ(seen(), before);
}

void ShortcutsTest::check_kFitRange() {
  open();
  View next = view();
  next.range = TimeRange{kHalf / 2, kHalf};
  look(next);
  press();
  EXPECT_EQ(seen(), std::pair(kHalf / 2, kHalf));
}

void ShortcutsTest::check_kPreviousMark() {
  open();
  View next = view();
  next.moment = kHalf + 1;
  look(next);
  press();
  EXPECT_EQ(view().moment, kHalf);
  press();
  EXPECT_EQ(view().moment, 10U);
}

void ShortcutsTest::check_kNextMark() {
  open();
  press();
  EXPECT_EQ(view().moment, 10U);
  press();
  EXPECT_EQ(view().moment, kHalf);
}

void ShortcutsTest::check_kPauseFollowing() {
  open(false);
  ASSERT_TRUE(stage_.app().session()->is_growing());
  press();
  EXPECT_FALSE(stage_.app().session()->is_following());
  press();
  EXPECT_TRUE(stage_.app().session()->is_following());
}

void ShortcutsTest::check_kFollow() {
  open(false);
  stage_.app().session()->set_following(false);
  press();
  EXPECT_TRUE(stage_.app().session()->is_following());
}

void ShortcutsTest::check_kFlip() {
  open();
  show(PanelId::kFlame);
  const float top = find_mark("flame.box.0")->min.y;
  press();
  EXPECT_GT(find_mark("flame.box.0")->min.y, top);
  press();
  EXPECT_EQ(find_mark("flame.box.0")->min.y, top);
}

void ShortcutsTest::check_kInvert() {
  open();
  for (const PanelId panel : {PanelId::kFlame, PanelId::kTree}) {
    show(panel);
    const std::string mark = std::string(panel_row(panel).name) + ".direction";
    EXPECT_EQ(text_of(mark), "top-down");
    press();
    EXPECT_EQ(text_of(mark), "bottom-up");
  }
}

void ShortcutsTest::check_kLarger() {
  const float before = letters();
  press();
  press();
  EXPECT_GT(letters(), before);
}

void ShortcutsTest::check_kSmaller() {
  const float before = letters();
  press();
  press();
  EXPECT_LT(letters(), before);
}

void ShortcutsTest::check_kNormalSize() {
  const float before = letters();
  other("Ctrl+="), other("Ctrl+="), other("Ctrl+=");
  ASSERT_NE(letters(), before);
  press();
  EXPECT_EQ(letters(), before);
}

void ShortcutsTest::check_kTheme() {
  const ThemeKind before = theme().kind;
  press();
  EXPECT_NE(theme().kind, before);
  press();
  EXPECT_EQ(theme().kind, before);
}

void ShortcutsTest::check_kDetails() {
  open();
  ASSERT_NE(find_mark("details.title"), nullptr);
  press();
  EXPECT_EQ(find_mark("details.title"), nullptr);
  press();
  EXPECT_NE(find_mark("details.title"), nullptr);
}

void ShortcutsTest::check_kFullScreen() {
  press();
  EXPECT_TRUE(stage_.app().full_screen_requested());
  press();
  EXPECT_FALSE(stage_.app().full_screen_requested());
}

void ShortcutsTest::check_kHelp() {
  press();
  EXPECT_NE(find_mark("help"), nullptr);
  press();
  EXPECT_EQ(find_mark("help"), nullptr);
}

TEST_P(ShortcutsTest, DoesWhatItSays) {
  switch (GetParam().row->id) {
#define MEMOIR_COMMAND(id, title, keys, group) \
  case Command::id:                            \
    return check_##id();
#include "viewer/commands.inc"
#undef MEMOIR_COMMAND
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, ShortcutsTest, testing::ValuesIn(all_shortcuts()),
                         [](const testing::TestParamInfo<Shortcut>& info) {
                           const auto& chords = chords_of(*info.param.row);
                           const auto which =
                               std::ranges::find(chords, info.param.chord) -
                               chords.begin();
                           return std::string(info.param.row->name) +
                                  (which > 0 ? "_" + std::to_string(which) : "");
                         });

// What a key can do nothing about, it says.
class IdleShortcutsTest : public testing::Test {
 protected:
  // "" when nothing was said.
  std::string said_after(const CommandRow& row) {
    const std::size_t before = stage_.app().log().size();
    stage_.press(chords_of(row)[0]);
    stage_.settle();
    const auto& log = stage_.app().log();
    return log.size() > before ? log.back().text : "";
  }
  ScratchFile file_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(IdleShortcutsTest, WithoutATraceTheySaySo) {
  for (const CommandRow& row : all_commands()) {
    switch (row.id) {
      case Command::kOpen:
      case Command::kOpenToCompare:
      case Command::kQuit:
      case Command::kPalette:
        continue;
      default:
        break;
    }
    if (std::string_view(row.group) == "View") continue;
    EXPECT_NE(said_after(row).find("No trace is open"), std::string::npos) << row.name;
  }
  EXPECT_EQ(stage_.app().view(), View());
}

TEST_F(IdleShortcutsTest, WhereThereIsNothingToDoTheySaySo) {
  {
    SyntheticTrace trace(file_.path());
    trace.write();
    trace.writer().finish();
  }
  stage_.app().open(file_.path());
  ASSERT_TRUE(stage_.settle());
  for (const Command command : {Command::kBack, Command::kForward, Command::kClearFilter,
                                Command::kPauseFollowing, Command::kFollow,
                                Command::kFitRange, Command::kPreviousMark}) {
    EXPECT_NE(said_after(command_row(command)), "") << command_row(command).name;
  }
  stage_.app().go(PanelId::kLog);
  ASSERT_TRUE(stage_.settle());
  for (const Command command : {Command::kRowDown, Command::kRowUp, Command::kDrillIn,
                                Command::kDrillOut, Command::kCopy, Command::kSuppress,
                                Command::kExport, Command::kFlip, Command::kInvert}) {
    EXPECT_NE(said_after(command_row(command)), "") << command_row(command).name;
  }
  // And is silent where something happens.
  for (const Command command :
       {Command::kNextMark, Command::kZoomIn, Command::kZoomOut, Command::kPanLeft,
        Command::kPanRight, Command::kFit, Command::kBack, Command::kForward,
        Command::kDetails, Command::kPanel1}) {
    EXPECT_EQ(said_after(command_row(command)), "") << command_row(command).name;
  }
}

TEST_F(IdleShortcutsTest, AScaleHasItsEnds) {
  std::string said;
  for (int i = 0; i < 40 && said.empty(); ++i) {
    said = said_after(command_row(Command::kLarger));
  }
  EXPECT_NE(said, "");
  EXPECT_EQ(said_after(command_row(Command::kNormalSize)), "");
}

}  // namespace
}  // namespace memoir
