#pragma once

// memoir::expect_no_leaks() of tests of GoogleTest. Included by memoir/expect_no_leaks.h
// where <gtest/gtest.h> was included before it.

#include <source_location>
#include <string>

#include "memoir/expect_no_leaks.h"

namespace memoir {
inline namespace with_gtest {

class TestLeakScope : public LeakScope {
 public:
  explicit TestLeakScope(std::source_location where) : where_(where) {}

  ~TestLeakScope() {
    if (failures() != failures_) return;  // GoogleTest keeps what was said
    const LeakReport report = look();
    const int line = static_cast<int>(where_.line());
    if (!report.is_judged) {
      GTEST_MESSAGE_AT_(where_.file_name(), line, report.text().c_str(),
                        testing::TestPartResult::kSkip);
    } else if (report.blocks != 0) {
      ADD_FAILURE_AT(where_.file_name(), line) << report.text();
    }
  }

 private:
  // Of the running test, and before the first one: none.
  static int failures() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return test == nullptr ? 0 : test->result()->total_part_count();
  }

  std::source_location where_;
  int failures_ = failures();
};

[[nodiscard]] inline TestLeakScope expect_no_leaks(
    std::source_location where = std::source_location::current()) {
  return TestLeakScope(where);
}

}  // namespace with_gtest
}  // namespace memoir
