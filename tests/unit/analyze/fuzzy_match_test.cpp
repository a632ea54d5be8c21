#include "analyze/fuzzy_match.h"

#include <gtest/gtest.h>

#include <string>

namespace memoir {
namespace {

TEST(FuzzyMatch, FindsPartsAndBeginningsOfWords) {
  for (const char* pattern :
       {"parse", "token", "pt", "patok", "p_t", "arse", "parse_token"}) {
    EXPECT_TRUE(fuzzy_score(pattern, "parse_token")) << pattern;
  }
  for (const char* pattern : {"prs", "tp", "ptt", "parsex", "akn", "Parse"}) {
    EXPECT_FALSE(fuzzy_score(pattern, "parse_token")) << pattern;
  }
  EXPECT_TRUE(fuzzy_score("jsv", "nlohmann::JsonStringValue::push"));
  EXPECT_TRUE(fuzzy_score("JSV", "nlohmann::JsonStringValue::push"));
  EXPECT_FALSE(fuzzy_score("JSV", "json_string_value"));
  EXPECT_TRUE(fuzzy_score("", "anything"));
  EXPECT_FALSE(fuzzy_score("a", ""));
}

TEST(FuzzyMatch, PrefersWhatIsMeant) {
  EXPECT_GT(fuzzy_score("parse", "parse"), fuzzy_score("parse", "parse_token"));
  EXPECT_GT(fuzzy_score("parse", "json::parse"), fuzzy_score("parse", "json::sparse"));
  EXPECT_GT(fuzzy_score("parse", "sparse"), fuzzy_score("parse", "page_arse"));
}

TEST(FuzzyMatch, EndsSoonForNastyTexts) {
  std::string text, pattern;
  for (int i = 0; i < 1'000; ++i) text += "a_";
  for (int i = 0; i < 60; ++i) pattern += "a";
  EXPECT_TRUE(fuzzy_score(pattern, text));
  EXPECT_FALSE(fuzzy_score(pattern + "b", text));
}

TEST(MatchesName, TakesPatternsOfAnyCase) {
  EXPECT_TRUE(matches_name("vector", "std::Vector"));
  EXPECT_FALSE(matches_name("Vector", "std::vector"));
  EXPECT_TRUE(matches_name("^std::*push", "std::vector<int>::push_back"));
  EXPECT_FALSE(matches_name("^push", "std::vector<int>::push_back"));
  EXPECT_FALSE(matches_name("a", ""));
}

}  // namespace
}  // namespace memoir
