#include "base/options.h"

#include <gtest/gtest.h>

#include <string>

namespace memoir {
namespace {

TEST(Options, NothingLeavesTheDefaults) {
  Options options;
  EXPECT_FALSE(parse_options(nullptr, options).failed);
  EXPECT_FALSE(parse_options("", options).failed);
  EXPECT_EQ(options.ring_kib, 1024u);
  EXPECT_FALSE(options.drop_when_full);
  EXPECT_EQ(options.mode, RunMode::kCheck);
}

TEST(Options, ReadsEverySeparator) {
  Options options;
  EXPECT_FALSE(
      parse_options("ring_kib=64:drop_when_full=1,mappings=false verbose=true", options)
          .failed);
  EXPECT_EQ(options.ring_kib, 64u);
  EXPECT_TRUE(options.drop_when_full);
  EXPECT_FALSE(options.mappings);
  EXPECT_TRUE(options.verbose);
}

TEST(Options, TellsTheFirstThatIsWrongAndKeepsTheRest) {
  for (const char* bad : {"ring_kb=1", "ring_kib", "ring_kib=", "ring_kib=-1",
                          "ring_kib=4294967296", "mappings=maybe", "=1"}) {
    Options options;
    const std::string text = std::string(bad) + ":max_threads=7";
    const OptionError error = parse_options(text.c_str(), options);
    EXPECT_TRUE(error.failed) << bad;
    EXPECT_STREQ(error.text, bad);
    EXPECT_EQ(options.ring_kib, 1024u);
    EXPECT_EQ(options.max_threads, 7u);
  }
}

TEST(Options, ReadsLargeNumbersAndPatterns) {
  Options options;
  EXPECT_FALSE(
      parse_options("fail_above=18446744073709551615:fail_site=^a*b$", options).failed);
  EXPECT_EQ(options.fail_above, UINT64_MAX);
  EXPECT_STREQ(options.fail_site.text, "^a*b$");
  EXPECT_TRUE(parse_options("fail_above=18446744073709551616", options).failed);
  const std::string most(sizeof options.fail_site.text - 1, 'x');
  EXPECT_FALSE(parse_options(("fail_site=" + most).c_str(), options).failed);
  EXPECT_EQ(options.fail_site.text, most);
  EXPECT_TRUE(parse_options(("fail_site=y" + most).c_str(), options).failed);
  EXPECT_EQ(options.fail_site.text, most);
}

TEST(Options, CutsAnEndlessName) {
  Options options;
  const std::string text(100'000, 'x');
  const OptionError error = parse_options(text.c_str(), options);
  EXPECT_TRUE(error.failed);
  EXPECT_EQ(std::string(error.text), std::string(sizeof error.text - 1, 'x'));
}

}  // namespace
}  // namespace memoir
