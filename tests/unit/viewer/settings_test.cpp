#include "viewer/settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch_file.h"

namespace memoir {
namespace {

TEST(Settings, AreRemembered) {
  const ScratchFile file;
  Settings settings;
  settings.theme = ThemeKind::kLight;
  settings.scale = 1.5f;
  settings.details_are_open = false;
  settings.add_recent("/a.memoir");
  settings.add_recent("/b.memoir");
  settings.add_recent("/a.memoir");
  write_settings(settings, file.path());
  const Settings read = read_settings(file.path());
  EXPECT_EQ(read.theme, ThemeKind::kLight);
  EXPECT_EQ(read.scale, 1.5f);
  EXPECT_FALSE(read.details_are_open);
  EXPECT_EQ(read.recent, (std::vector<std::string>{"/a.memoir", "/b.memoir"}));
}

TEST(Settings, AFileThatMakesNoSenseCountsAsMissing) {
  const ScratchFile file;
  for (const char* text : {"", "{", "[]", "{\"scale\": \"large\"}", "{\"recent\": 7}"}) {
    std::ofstream(file.path()) << text;
    EXPECT_EQ(read_settings(file.path()).scale, 1) << text;
  }
  std::ofstream(file.path()) << R"({"scale": 1000, "details_width": -3})";
  EXPECT_EQ(read_settings(file.path()).scale, 4);
  EXPECT_GT(read_settings(file.path()).details_width, 0);
}

TEST(Settings, OnlyTheNewestTracesAreListed) {
  Settings settings;
  for (int i = 0; i < 100; ++i) settings.add_recent("/" + std::to_string(i));
  EXPECT_EQ(settings.recent.front(), "/99");
  EXPECT_LT(settings.recent.size(), 20U);
}

}  // namespace
}  // namespace memoir
