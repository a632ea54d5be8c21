// Books on another allocator's blocks.

#include <gmock/gmock.h>

#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "memoir/debug_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

std::string this_file_at(unsigned line) {
  return std::string{__FILE__} + ":" + std::to_string(line);
}

class DebugAllocatorTest : public ::testing::Test {
 protected:
  finding_log log_;
  system_allocator base_;
};

TEST_F(DebugAllocatorTest, ZA_20_decorates_an_allocator) {
  debug_allocator memory{"MyComponent", base_};
  EXPECT_EQ(memory.name(), "MyComponent");
  auto numbers = memory.allocate<int>(10);
  EXPECT_EQ(memory.total_allocated_bytes(), 40u);
  EXPECT_EQ(base_.total_allocated_bytes(), 40u);
  EXPECT_THROW((debug_allocator{"", base_}), std::invalid_argument);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DebugAllocatorTest, ZA_20_many_threads) {
  debug_allocator memory{"threads", base_};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 1; i < 500; ++i) memory.allocate<int>(i).fill(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(memory.tracked_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DebugAllocatorTest, ZA_21_the_callers_line_through_two_wrappers) {
  std::optional<debug_allocator> inner{std::in_place, "inner", base_};
  std::optional<debug_allocator> outer{std::in_place, "outer", *inner};
  auto numbers = outer->allocate<int>(5);
  const unsigned line = __LINE__ - 1;
  for (debug_allocator* one : {&*outer, &*inner}) {
    std::ostringstream report;
    EXPECT_TRUE(one->report_leaks(report));
    EXPECT_THAT(report.str(), ::testing::HasSubstr(this_file_at(line)));
  }
  numbers.dispose();
  EXPECT_NO_FINDING(log_);
}

TEST_F(DebugAllocatorTest, ZA_21_the_line_of_a_container_is_the_scopes) {
  debug_allocator memory{"pmr", base_};
  std::pmr::vector<int> numbers{&memory};
  unsigned line = 0;
  {
    MEMOIR_SITE_SCOPE();
    line = __LINE__ - 1;
    numbers.reserve(100);
  }
  std::ostringstream report;
  memory.report_leaks(report);
  EXPECT_THAT(report.str(), ::testing::HasSubstr(is_tracking ? this_file_at(line) : ""));
}

// What is allocated through a base is the line of nobody else.
TEST_F(DebugAllocatorTest, ZA_21_a_call_through_the_base) {
  debug_allocator memory{"base", base_};
  auto ours = memory.allocate<int>(5);
  auto numbers = static_cast<allocator&>(memory).allocate<int>(6);
  const unsigned line = __LINE__ - 1;
  std::ostringstream report;
  memory.report_leaks(report);
  EXPECT_THAT(report.str(),
              ::testing::HasSubstr("  1 block, 20 bytes allocated at " +
                                   this_file_at(line - 1) + " in TestBody\n"));
  EXPECT_THAT(report.str(),
              ::testing::HasSubstr(is_tracking ? "  1 block, 24 bytes allocated at " +
                                                     this_file_at(line) + " in TestBody\n"
                                               : "  1 block, 24 bytes\n"));
}

TEST_F(DebugAllocatorTest, ZA_21_bytes_have_a_caller_too) {
  debug_allocator memory{"bytes", base_};
  void* block = memory.allocate(100, 64);
  const unsigned line = __LINE__ - 1;
  std::ostringstream report;
  memory.report_leaks(report);
  EXPECT_THAT(report.str(), ::testing::HasSubstr(this_file_at(line)));
  memory.deallocate(block, 100, 64);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DebugAllocatorTest, ZA_22_leaks_can_throw) {
  debug_allocator memory{"Test", base_, leak_mode::throw_};
  auto numbers = memory.allocate<int>(10);
  const unsigned line = __LINE__ - 1;
  try {
    memory.close();
    FAIL() << "did not throw";
  } catch (const memory_leak& leak) {
    EXPECT_THAT(leak.what(),
                ::testing::StartsWith("MEMORY LEAK DETECTED in Test: 1 block, 40 bytes"));
    EXPECT_THAT(leak.what(), ::testing::HasSubstr(this_file_at(line)));
  }
  EXPECT_ONE_FINDING(log_, finding::leak, line + 3);
}

TEST_F(DebugAllocatorTest, ZA_22_leaks_can_be_given_to_a_function) {
  std::string told;
  debug_allocator memory{"Test", base_, leak_mode::callback};
  memory.on_leak([&](const std::string& report) { told = report; });
  auto numbers = memory.allocate<int>(10);
  memory.close();
  EXPECT_ONE_FINDING(log_, finding::leak, __LINE__ - 1);
  EXPECT_THAT(told, ::testing::HasSubstr("1 block, 40 bytes"));
}

TEST_F(DebugAllocatorTest, ZA_22_leaks_can_stop_the_program) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leak = [&] {
    debug_allocator memory{"Test", base_, leak_mode::trap};
    auto numbers = memory.allocate<int>(10);
    memory.close();
  };
  EXPECT_DEATH(leak(), "");
}

TEST_F(DebugAllocatorTest, ZA_23_leaks_are_reported_on_demand) {
  debug_allocator memory{"Test", base_};
  std::ostringstream nothing;
  EXPECT_FALSE(memory.report_leaks(nothing));
  EXPECT_EQ(nothing.str(), "");
  std::vector<buffer<int>> many;
  for (int i = 0; i < 3; ++i) many.push_back(memory.allocate<int>(10));
  auto one = memory.allocate<char>(1);
  std::ostringstream report;
  EXPECT_TRUE(memory.report_leaks(report));
  EXPECT_THAT(report.str(), ::testing::HasSubstr("4 blocks, 121 bytes"));
  EXPECT_THAT(report.str(), ::testing::HasSubstr("  3 blocks, 120 bytes allocated at"));
  EXPECT_NO_FINDING(log_);  // they may still come back
}

TEST_F(DebugAllocatorTest, ZA_24_counts_what_is_out) {
  debug_allocator memory{"Test", base_};
  auto numbers = memory.allocate<int>(10);
  auto none = memory.allocate<int>(0);
  EXPECT_EQ(memory.tracked_count(), 1u);
  numbers.dispose();
  EXPECT_EQ(memory.tracked_count(), 0u);
}

TEST_F(DebugAllocatorTest, ZA_25_unknown_addresses_are_not_passed_on) {
  debug_allocator memory{"Test", base_};
  void* below = base_.allocate(24);
  EXPECT_THROW(memory.free(below), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::foreign_return, __LINE__ - 1);
  EXPECT_EQ(base_.total_allocated_bytes(), 24u);
  base_.free(below);
  int* mine = memory.allocate<int>(3).release().data();
  memory.free(mine);
  EXPECT_EQ(memory.tracked_count(), 0u);
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(memory.free(mine), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
}

TEST_F(DebugAllocatorTest, ZA_26_leaks_name_file_and_line_of_the_caller) {
  debug_allocator memory{"Test", base_};
  auto numbers = memory.allocate<int>(5);
  const unsigned line = __LINE__ - 1;
  std::ostringstream report;
  memory.report_leaks(report);
  EXPECT_EQ(report.str(), "MEMORY LEAK DETECTED in Test: 1 block, 20 bytes\n" +
                              ("  1 block, 20 bytes allocated at " + this_file_at(line) +
                               " in TestBody\n"));
}

TEST_F(DebugAllocatorTest, ZA_27_the_destructor_reports_and_does_not_throw) {
  std::optional<debug_allocator> memory{std::in_place, "Test", base_, leak_mode::throw_};
  auto numbers = memory->allocate<int>(10);
  const unsigned line = __LINE__ - 1;
  ::testing::internal::CaptureStderr();
  {
    MEMOIR_SITE_SCOPE();
    memory.reset();
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::HasSubstr("MEMORY LEAK DETECTED in Test"));
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::leak);
    EXPECT_EQ(found[0].allocated.line, line);
    EXPECT_EQ(found[0].where.line, line + 4);
  }
  numbers[9] = 1;  // still there
  numbers.dispose();
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DebugAllocatorTest, ZA_27_nothing_is_handed_out_after_close) {
  debug_allocator memory{"Test", base_, leak_mode::throw_};
  memory.close();
  memory.close();
  EXPECT_THROW(static_cast<void>(memory.allocate<int>(1)), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
}

TEST_F(DebugAllocatorTest, WatchesAPool) {
  memory_pool pool{base_};
  debug_allocator memory{"pool", pool};
  for (int i = 0; i < 10; ++i) memory.allocate<int>(100).fill(i);
  EXPECT_EQ(pool.stats().misses, 1u);
  auto numbers = memory.allocate<int>(100);
  if constexpr (is_tracking) {
    numbers.data()[100] = 2;
    numbers.dispose();
    EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  }
}

}  // namespace
}  // namespace memoir
