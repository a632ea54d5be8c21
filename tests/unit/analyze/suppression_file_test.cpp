#include "analyze/suppression_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/scratch_file.h"
#include "trace/error.h"

namespace memoir {
namespace {

class SuppressionFileTest : public testing::Test {
 protected:
  std::string text() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  ScratchFile trace_;
  std::filesystem::path path_ = suppression_path(trace_.path());
};

TEST_F(SuppressionFileTest, LiesBesideTheTrace) {
  EXPECT_EQ(path_.string(), trace_.path().string() + ".suppressions");
  EXPECT_TRUE(read_suppression_file(path_).empty());
}

TEST_F(SuppressionFileTest, RulesAreAddedOnceAndTakenAway) {
  add_suppression(path_, {"leak", "one(int)"});
  add_suppression(path_, {"leak", "two*"});
  add_suppression(path_, {"leak", "one(int)"});
  const Suppressions rules = read_suppression_file(path_);
  ASSERT_EQ(rules.rules().size(), 2U);
  EXPECT_EQ(rules.rules()[0].rule(), "leak:one(int)");
  EXPECT_EQ(rules.rules()[1].rule(), "leak:two*");
  remove_suppression(path_, {"leak", "one(int)"});
  ASSERT_EQ(read_suppression_file(path_).rules().size(), 1U);
  EXPECT_NE(text().find("leak:two*\n"), std::string::npos);
}

TEST_F(SuppressionFileTest, WhatPeopleWroteStays) {
  std::ofstream(path_) << "# mine\n\n  leak: one\nleak:two";
  add_suppression(path_, {"leak", "three"});
  EXPECT_EQ(text(), "# mine\n\n  leak: one\nleak:two\nleak:three\n");
  remove_suppression(path_, {"leak", "one"});
  EXPECT_EQ(text(), "# mine\n\nleak:two\nleak:three\n");
}

TEST_F(SuppressionFileTest, ALineThatIsNoRuleIsToldAndNotTouched) {
  std::ofstream(path_) << "nonsense\n";
  EXPECT_THROW(read_suppression_file(path_), Error);
  EXPECT_THROW(add_suppression(path_, {"leak", "one"}), Error);
  EXPECT_EQ(text(), "nonsense\n");
}

TEST_F(SuppressionFileTest, AFolderThatIsNotThereIsTold) {
  EXPECT_THROW(add_suppression("/no/such/folder/x.suppressions", {"leak", "one"}), Error);
}

}  // namespace
}  // namespace memoir
