#include "analyze/suppressions.h"

#include <gtest/gtest.h>

#include "base/pattern.h"
#include "trace/error.h"

namespace memoir {
namespace {

StackFrame frame(const std::string& function, const std::string& file = "",
                 std::int64_t line = 0, const std::string& module = "/bin/program") {
  StackFrame made;
  made.function = function;
  made.file = file;
  made.line = line;
  made.module = module;
  return made;
}

TEST(SuppressionsTest, APatternIsAPartOfTheText) {
  EXPECT_TRUE(matches_pattern("make", "remake_all"));
  EXPECT_FALSE(matches_pattern("make", "mak"));
  EXPECT_TRUE(matches_pattern("^make", "make_all"));
  EXPECT_FALSE(matches_pattern("^make", "remake"));
  EXPECT_TRUE(matches_pattern("all$", "make_all"));
  EXPECT_FALSE(matches_pattern("all$", "make_all_of"));
  EXPECT_TRUE(matches_pattern("^make$", "make"));
  EXPECT_FALSE(matches_pattern("^make$", "makemake"));
}

TEST(SuppressionsTest, AStarIsAnything) {
  EXPECT_TRUE(matches_pattern("m*e", "some_mistake"));
  EXPECT_TRUE(matches_pattern("^/opt/*/cache.c$", "/opt/a/b/cache.c"));
  EXPECT_FALSE(matches_pattern("^/opt/*/cache.c$", "/opt/cache.c"));
  EXPECT_TRUE(matches_pattern("a*a$", "abaca"));
  EXPECT_TRUE(matches_pattern("^*$", "anything"));
  EXPECT_FALSE(matches_pattern("^ab*b$", "ab"));
  EXPECT_TRUE(matches_pattern("**", "x"));
  EXPECT_FALSE(matches_pattern("*", ""));
}

TEST(SuppressionsTest, AFrameMatchesByFunctionFileLineOrModule) {
  const std::vector<StackFrame> stack{frame("main", "/src/main.c", 120)};
  const auto matches = [&stack](const std::string& pattern) {
    Suppressions rules;
    rules.add({"double_free", pattern});
    return rules.match("double_free", {stack}) != nullptr;
  };
  EXPECT_TRUE(matches("main"));
  EXPECT_TRUE(matches("/src/*.c$"));
  EXPECT_TRUE(matches("main.c:120$"));
  EXPECT_FALSE(matches("main.c:12$"));
  EXPECT_TRUE(matches("^/bin/program$"));
  EXPECT_FALSE(matches("other"));
}

TEST(SuppressionsTest, KindsAndStacksAreLookedAtInTheirOrder) {
  Suppressions rules;
  rules.add("# a comment\n\n leak:lib \r\ndouble_free:never\ndouble_free:inner\n",
            "file");
  EXPECT_EQ(rules.rules().size(), 3U);
  EXPECT_TRUE(rules.concern("leak"));
  EXPECT_FALSE(rules.concern("invalid_free"));
  const std::vector<StackFrame> first{frame("outer")}, second{frame("inner")};
  const Suppression* found = rules.match("double_free", {first, second});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->rule(), "double_free:inner");
  EXPECT_EQ(rules.match("leak", {first, second}), nullptr);
  EXPECT_EQ(rules.match("invalid_free", {first, second}), nullptr);
}

TEST(SuppressionsTest, WhatIsNoRuleIsRefusedWithItsLine) {
  for (const char* line : {"main", "nothing:main", "leak:", ":main", "leak :  "}) {
    Suppressions rules;
    try {
      rules.add(std::string("leak:x\n") + line, "rules.txt");
      FAIL() << line;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("rules.txt:2"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace memoir
