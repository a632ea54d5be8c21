// Defects that published libraries had, each tried on ours: what they did cannot be done,
// or is found. (1 is in za_hybrid_allocator_test.cpp, 7 and 10 are in za_tiers_test.cpp.)

#include <gmock/gmock.h>

#include <array>
#include <sstream>
#include <vector>

#include "memoir/ziggy.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class ZiggyBugsTest : public ::testing::Test {
 protected:
  finding_log log_;
  system_allocator base_;
};

// A block of 20 bytes, filed with those of 32, was handed out for 32 bytes.
TEST_F(ZiggyBugsTest, ZA_bug_2_reused_blocks_hold_what_was_asked_for) {
  memory_pool pool{base_};
  pool.allocate<char>(20).fill('a');
  auto larger = pool.allocate<char>(32);
  larger.fill('b');
  EXPECT_EQ(pool.stats().hits, 1u);  // the same block: it was made with 32 bytes
  larger.dispose();
  EXPECT_NO_FINDING(log_);
  if constexpr (is_tracking) {
    auto damaged = pool.allocate<char>(20);
    damaged.data()[20] = 2;
    damaged.dispose();
    EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  }
}

// Given back by hand and once more at the end of the scope, the same block was handed out
// to two owners.
TEST_F(ZiggyBugsTest, ZA_bug_3_what_is_disposed_of_twice_is_returned_once) {
  memory_pool pool{base_};
  {
    auto numbers = pool.allocate<int>(100);
    numbers.dispose();
  }
  auto one = pool.allocate<int>(100);
  auto other = pool.allocate<int>(100);
  EXPECT_NE(one.data(), other.data());
  EXPECT_NO_FINDING(log_);
  if constexpr (is_tracking) {
    pool.free(one.data());
    auto third = pool.allocate<int>(50);
    one.dispose();
    EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
  }
}

// Every leak was said to be in the debug allocator's own file.
TEST_F(ZiggyBugsTest, ZA_bug_9_leaks_name_the_line_that_allocated) {
  debug_allocator memory{"Test", base_};
  auto numbers = memory.allocate<int>(5);
  const unsigned line = __LINE__ - 1;
  std::ostringstream report;
  memory.report_leaks(report);
  if constexpr (is_tracking) {
    EXPECT_THAT(report.str(),
                ::testing::HasSubstr("za_bugs_test.cpp:" + std::to_string(line)));
  }
  EXPECT_THAT(report.str(), ::testing::Not(::testing::HasSubstr("debug_allocator.h")));
}

// Memory that was wrapped moved or went away under its buffer.
TEST_F(ZiggyBugsTest, ZA_bug_25_wrapped_memory_that_is_gone) {
  auto owner = base_.allocate<int>(10);
  auto view = system_allocator::wrap(owner.span());
  view[0] = 1;
  EXPECT_NO_FINDING(log_);
  if constexpr (is_tracking) {
    owner.dispose();
    view[0] = 2;
    EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
    auto next = base_.allocate<int>(10);
    EXPECT_THROW(view[10] = 1, std::out_of_range);
    const auto found = log_.take();
    ASSERT_EQ(found.size(), 2u);  // gone, and out of bounds
  }
}

}  // namespace
}  // namespace memoir
