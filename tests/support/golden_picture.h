#pragma once

// Compares what was drawn with a picture that somebody looked at and kept.
//
//   expect_golden(stage.picture(), "leaks-1x");
//
// The kept ones are tests/viewer/golden/NAME.png. With MEMOIR_UPDATE_GOLDEN=1 in the
// environment they are written instead of compared. A picture that differs, and where it
// does, are left in golden/ of the build folder.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "viewer/soft_renderer.h"

namespace memoir {

struct PictureDifference {
  bool same_size = true;
  std::size_t pixels = 0;  // that differ
  int most = 0;            // of a colour, of 255
  Image image;             // the first one, dim, with what differs in red
};

// Colours differ from what can be seen on.
inline PictureDifference compare_pictures(const Image& a, const Image& b) {
  constexpr int kSeen = 8;
  PictureDifference result;
  result.same_size = a.width == b.width && a.height == b.height;
  if (!result.same_size) return result;
  result.image = a;
  for (std::size_t at = 0; at < a.pixels.size(); at += 4) {
    int most = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      most = std::max(most, std::abs(int{a.pixels[at + i]} - int{b.pixels[at + i]}));
    }
    result.most = std::max(result.most, most);
    const bool differs = most >= kSeen;
    result.pixels += differs ? 1 : 0;
    for (std::size_t i = 0; i < 3; ++i) {
      std::uint8_t& value = result.image.pixels[at + i];
      const int shown = !differs ? value / 3 : i == 0 ? 255 : 0;
      value = static_cast<std::uint8_t>(shown);
    }
  }
  return result;
}

inline std::filesystem::path golden_folder() {
  return std::filesystem::path(MEMOIR_TEST_DATA) / "viewer/golden";
}

inline void expect_golden(const Image& actual, const std::string& name) {
  const std::filesystem::path kept = golden_folder() / (name + ".png");
  const char* update = std::getenv("MEMOIR_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::filesystem::create_directories(golden_folder());
    write_png(actual, kept);
    return;
  }
  const std::filesystem::path folder = std::filesystem::path(MEMOIR_BUILD_DIR) / "golden";
  const std::filesystem::path drawn = folder / (name + ".png");
  const std::filesystem::path marked = folder / (name + ".difference.png");
  const std::string how =
      "\nlook at " + drawn.string() +
      "; when it is right, keep it: MEMOIR_UPDATE_GOLDEN=1 viewer_tests "
      "--gtest_filter='*GoldenTest*'";
  std::filesystem::create_directories(folder);
  if (!std::filesystem::exists(kept)) {
    write_png(actual, drawn);
    FAIL() << kept << " is not there" << how;
  }
  const PictureDifference difference = compare_pictures(actual, read_png(kept));
  // A letter has more; rounding that differs between machines, here and there, less.
  const std::size_t most = static_cast<std::size_t>(actual.width) *
                           static_cast<std::size_t>(actual.height) / 50'000;
  if (difference.same_size && difference.pixels <= most) return;
  write_png(actual, drawn);
  if (difference.same_size) write_png(difference.image, marked);
  ADD_FAILURE() << name << ": "
                << (difference.same_size ? std::to_string(difference.pixels) +
                                               " pixels differ, by up to " +
                                               std::to_string(difference.most) +
                                               " of 255; see " + marked.string()
                                         : "the size differs")
                << how;
}

}  // namespace memoir
