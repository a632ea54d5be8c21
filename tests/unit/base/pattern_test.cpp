#include "base/pattern.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

TEST(Pattern, APartOfTheNameIsEnough) {
  EXPECT_TRUE(matches_pattern("parse", "_ZN4json5parseEv"));
  EXPECT_TRUE(matches_pattern("", "anything"));
  EXPECT_FALSE(matches_pattern("parse", "pars"));
  EXPECT_FALSE(matches_pattern("", ""));
}

TEST(Pattern, AStarStandsForAnything) {
  EXPECT_TRUE(matches_pattern("json*parse", "_ZN4json5parseEv"));
  EXPECT_TRUE(matches_pattern("a*b*c", "xxaxxbxxcxx"));
  EXPECT_TRUE(matches_pattern("a**c", "ac"));
  EXPECT_FALSE(matches_pattern("a*b*c", "acb"));
}

TEST(Pattern, BeginAndEndCanBeAskedFor) {
  EXPECT_TRUE(matches_pattern("^main$", "main"));
  EXPECT_FALSE(matches_pattern("^main$", "domain"));
  EXPECT_FALSE(matches_pattern("^main$", "mainly"));
  EXPECT_TRUE(matches_pattern("^lib*.so$", "libz.so"));
  EXPECT_FALSE(matches_pattern("^lib*.so$", "libz.so.1"));
  EXPECT_TRUE(matches_pattern("a*a$", "aba"));
  EXPECT_FALSE(matches_pattern("^aba*ba$", "aba"));
}

}  // namespace
}  // namespace memoir
