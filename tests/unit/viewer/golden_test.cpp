// Every panel, and the welcome screen, looks as it did when somebody last looked at it,
// at scale 1 and 2: golden_picture.h says how to keep new pictures. Letters are ImGui's
// own, the trace is made up: nothing of the machine is in them.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "fuzz/damaged_traces.h"
#include "support/golden_picture.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

constexpr const char* kWelcome = "welcome";

std::vector<std::string> all_screens() {
  std::vector<std::string> screens = {kWelcome};
  for (const PanelRow& row : all_panels()) screens.emplace_back(row.name);
  return screens;
}

std::string picture_name(const std::string& screen, int scale) {
  return screen + "-" + std::to_string(scale) + "x";
}

void write_made_up_trace(const std::filesystem::path& path) {
  write_trace_of_everything(path);
  Database database(path, Database::Mode::kReadWrite);
  const std::pair<const char*, const char*> facts[] = {
      {"command", "app --big file"}, {"mode", "check"},
      {"host", "somewhere"},         {"kernel", "Linux 6.1"},
      {"memoir_version", "1.2.3"},   {"started_at", "2026-01-02T03:04:05Z"}};
  for (const auto& [key, value] : facts) {
    database.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)")
        .run(key, value);
  }
}

class GoldenTest : public testing::TestWithParam<std::tuple<std::string, int>> {
 protected:
  static StageOptions options() {
    const int scale = std::get<1>(GetParam());
    StageOptions options;
    options.width = scale == 1 ? 960 : 1600;
    options.height = scale == 1 ? 600 : 1000;
    options.scale = static_cast<float>(scale);
    options.plain_fonts = true;
    return options;
  }
  void open() {
    write_made_up_trace(file_.path());
    stage_.app().open(file_.path());
    ASSERT_TRUE(stage_.settle());
    ASSERT_EQ(stage_.app().session()->error(), "");
  }
  // Something is selected, where that shows more.
  void choose(PanelId panel) {
    if (panel == PanelId::kLeaks) stage_.click("leaks.row.0");
    if (panel == PanelId::kAllocations) stage_.click("allocations.row.1");
    if (panel == PanelId::kSql) stage_.click("sql.saved.leaks");
    if (panel == PanelId::kCompare) {
      write_made_up_trace(other_.path());
      stage_.app().open_to_compare(other_.path());
    }
    if (panel == PanelId::kLog) {
      stage_.app().notify("copied the call stack");
      stage_.app().notify("leaks.csv: cannot be written", true);
    }
    ASSERT_TRUE(stage_.settle());
  }
  // What no two machines agree on: times that were measured, sizes of files.
  static void blank(Image& image, const std::string& mark) {
    const UiMark* found = find_mark(mark);
    if (found == nullptr) return;
    const auto row = static_cast<std::size_t>(image.width) * 4;
    for (int y = static_cast<int>(found->min.y); y < static_cast<int>(found->max.y);
         ++y) {
      std::uint8_t* line = &image.pixels[static_cast<std::size_t>(y) * row];
      std::fill(line + static_cast<std::size_t>(found->min.x) * 4, line + row / 2,
                std::uint8_t{0});
    }
  }

  ScratchFile file_{"app.memoir"}, other_{"later.memoir"};
  Stage stage_{options()};
};

TEST_P(GoldenTest, LooksAsItDid) {
  const auto& [screen, scale] = GetParam();
  if (screen != kWelcome) {
    open();
    const PanelId panel = *parse_panel(screen);
    stage_.app().go(panel);
    ASSERT_TRUE(stage_.settle());
    choose(panel);
  }
  ImGui::GetIO().MousePos = {-1, -1};
  stage_.draw_frames(400);  // what was said is gone
  ASSERT_TRUE(stage_.settle());
  Image picture = stage_.picture();
  for (const char* mark : {"sql.count", "summary.run.trace"}) blank(picture, mark);
  expect_golden(picture, picture_name(screen, scale));
}

INSTANTIATE_TEST_SUITE_P(Screens, GoldenTest,
                         testing::Combine(testing::ValuesIn(all_screens()),
                                          testing::Values(1, 2)),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_" +
                                  std::to_string(std::get<1>(info.param)) + "x";
                         });

TEST(GoldenPictures, AreAllOfScreens) {
  std::set<std::string> expected, kept;
  for (const std::string& screen : all_screens()) {
    for (const int scale : {1, 2}) expected.insert(picture_name(screen, scale) + ".png");
  }
  std::error_code none_is_kept;
  for (const auto& file :
       std::filesystem::directory_iterator(golden_folder(), none_is_kept)) {
    kept.insert(file.path().filename().string());
  }
  EXPECT_EQ(kept, expected);
}

TEST(GoldenPictures, DifferWhereTheyDo) {
  Image a;
  a.width = a.height = 10;
  a.pixels.assign(400, 100);
  Image b = a;
  EXPECT_EQ(compare_pictures(a, b).pixels, 0U);
  b.pixels[44] = 200;
  b.pixels[48] = 101;  // nobody sees that
  const PictureDifference difference = compare_pictures(a, b);
  EXPECT_EQ(difference.pixels, 1U);
  EXPECT_EQ(difference.most, 100);
  EXPECT_EQ(difference.image.pixels[44], 255);
  EXPECT_EQ(difference.image.pixels[48], 33);
  b.width = 5;
  b.height = 20;
  EXPECT_FALSE(compare_pictures(a, b).same_size);
}

}  // namespace
}  // namespace memoir
