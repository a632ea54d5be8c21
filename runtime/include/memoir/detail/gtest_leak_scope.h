#pragma once

// memoir::expect_no_leaks() of tests of GoogleTest. Included by memoir/expect_no_leaks.h
// where <gtest/gtest.h> was included before it.

#include <string>

#include "memoir/expect_no_leaks.h"

namespace memoir {
inline namespace with_gtest {

class TestLeakScope : public LeakScope {
 public:
  explicit TestLeakScope(LeakPlace where) : where_(where) {}

  ~TestLeakScope() {
    if (failures() != failures_) return;  // GoogleTest keeps what was said
    const LeakReport report = look();
    if (!report.is_judged) {
      GTEST_MESSAGE_AT_(where_.file, where_.line, report.text().c_str(),
                        testing::TestPartResult::kSkip);
    } else if (report.blocks != 0) {
      ADD_FAILURE_AT(where_.file, where_.line) << report.text();
    }
  }

 private:
  // Of the running test, and before the first one: none.
  static int failures() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return test == nullptr ? 0 : test->result()->total_part_count();
  }

  LeakPlace where_;
  int failures_ = failures();
};

[[nodiscard]] inline TestLeakScope expect_no_leaks(
    LeakPlace where = LeakPlace::current()) {
  return TestLeakScope(where);
}

}  // namespace with_gtest
}  // namespace memoir
