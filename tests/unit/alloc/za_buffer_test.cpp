// What a buffer is: elements with an end that is looked after.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "memoir/buffer/buffer.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

struct point {
  float x, y, z;
};

class BufferTest : public ::testing::Test {
 protected:
  finding_log log_;
  system_allocator memory_;
};

TEST_F(BufferTest, ZA_45_index_15_of_10_throws) {
  auto numbers = memory_.allocate<int>(10);
  EXPECT_THROW(numbers[15] = 42, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(numbers[10] = 42, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(numbers[static_cast<std::size_t>(-1)] = 42, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(numbers.at(100), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(BufferTest, ZA_45_indexes_within_the_end_are_references) {
  auto numbers = memory_.allocate<int>(100);
  numbers[0] = 42;
  numbers[99] = 100;
  EXPECT_EQ(numbers[0], 42);
  EXPECT_EQ(std::as_const(numbers)[99], 100);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferTest, ZA_46_length_counts_elements) {
  EXPECT_EQ(memory_.allocate<point>(7).length(), 7u);
  EXPECT_EQ(memory_.allocate<point>(7).size(), 7u);
}

TEST_F(BufferTest, ZA_47_size_bytes_has_no_limit_of_an_int) {
  EXPECT_EQ(memory_.allocate<point>(7).size_bytes(), 84u);
  static_assert(std::is_same_v<decltype(buffer<int>{}.size_bytes()), std::size_t>);
}

TEST_F(BufferTest, ZA_48_raw_pointer_is_for_native_functions) {
  auto text = memory_.allocate<char>(8, zero::yes);
  std::strcpy(text.raw_pointer(), "native");
  EXPECT_EQ(text[5], 'e');
  EXPECT_EQ(text.data(), text.raw_pointer());
}

TEST_F(BufferTest, ZA_49_empty_is_length_0) {
  EXPECT_TRUE(memory_.allocate<int>(0).empty());
  EXPECT_FALSE(memory_.allocate<int>(1).empty());
}

TEST_F(BufferTest, ZA_50_valid_is_a_pointer) {
  auto numbers = memory_.allocate<int>(3);
  EXPECT_TRUE(numbers.valid());
  EXPECT_TRUE(static_cast<bool>(numbers));
  numbers.dispose();
  EXPECT_FALSE(numbers.valid());
  EXPECT_FALSE(memory_.allocate<int>(0).valid());
}

TEST_F(BufferTest, ZA_51_front_and_back_are_checked) {
  auto numbers = memory_.allocate<int>(3);
  numbers.front() = 1;
  numbers.back() = 3;
  EXPECT_EQ(numbers[0] + numbers[2], 4);
  auto none = memory_.allocate<int>(0);
  EXPECT_THROW(none.front(), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(none.back(), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(BufferTest, ZA_52_span_of_all_and_of_a_part) {
  auto numbers = memory_.allocate<int>(10, zero::yes);
  EXPECT_EQ(numbers.span().size(), 10u);
  numbers.subspan(4, 6)[5] = 9;
  EXPECT_EQ(numbers[9], 9);
  EXPECT_EQ(numbers.subspan(10, 0).size(), 0u);
  EXPECT_THROW(static_cast<void>(numbers.subspan(5, 6)), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(numbers.subspan(2, static_cast<std::size_t>(-1))),
               std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 2);
  auto none = memory_.allocate<int>(0);
  EXPECT_TRUE(none.span().empty());
}

TEST_F(BufferTest, ZA_53_read_only_span) {
  auto numbers = memory_.allocate<int>(4, zero::yes);
  static_assert(std::is_same_v<decltype(numbers.cspan()), std::span<const int>>);
  EXPECT_EQ(numbers.cspan().size(), 4u);
}

TEST_F(BufferTest, ZA_54_converts_to_spans_but_not_from_what_ends) {
  auto numbers = memory_.allocate<int>(4);
  std::span<int> all = numbers;
  std::ranges::fill(all, 7);
  std::span<const int> seen = std::as_const(numbers);
  EXPECT_EQ(std::accumulate(seen.begin(), seen.end(), 0), 28);
  static_assert(std::is_convertible_v<buffer<int>&, std::span<int>>);
  static_assert(!std::is_convertible_v<buffer<int>, std::span<int>>);
  static_assert(std::ranges::contiguous_range<buffer<int>>);
  static_assert(!std::is_convertible_v<const buffer<int>&, std::span<int>>);
}

TEST_F(BufferTest, ZA_55_fill) {
  auto numbers = memory_.allocate<int>(100);
  numbers.fill(123);
  EXPECT_TRUE(std::ranges::all_of(numbers, [](int n) { return n == 123; }));
}

TEST_F(BufferTest, ZA_56_zero_clears_all_bytes) {
  auto points = memory_.allocate<point>(3);
  points.fill({1, 2, 3});
  points.zero();
  EXPECT_EQ(points[2].z, 0.0F);
  memory_.allocate<int>(0).zero();
}

TEST_F(BufferTest, ZA_57_copy_from_spans_and_buffers) {
  auto numbers = memory_.allocate<int>(5, zero::yes);
  const std::array source{1, 2, 3};
  numbers.copy_from(source);
  EXPECT_THAT(numbers.cspan(), ::testing::ElementsAre(1, 2, 3, 0, 0));
  auto other = memory_.allocate<int>(5);
  other.copy_from(numbers);
  EXPECT_EQ(other[1], 2);
  numbers.copy_from(numbers.subspan(1, 3));  // they overlap
  EXPECT_THAT(numbers.cspan(), ::testing::ElementsAre(2, 3, 0, 0, 0));
}

TEST_F(BufferTest, ZA_57_a_longer_source_changes_nothing) {
  auto numbers = memory_.allocate<int>(2, zero::yes);
  const std::array source{1, 2, 3};
  EXPECT_THROW(numbers.copy_from(source), std::length_error);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_EQ(numbers[0], 0);
}

TEST_F(BufferTest, ZA_58_dispose_frees_once) {
  auto numbers = memory_.allocate<int>(10);
  EXPECT_EQ(memory_.total_allocated_bytes(), 40u);
  numbers.dispose();
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  numbers.dispose();
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferTest, ZA_58_moves_hand_the_memory_on) {
  static_assert(!std::is_copy_constructible_v<buffer<int>>);
  static_assert(std::is_nothrow_move_constructible_v<buffer<int>>);
  auto first = memory_.allocate<int>(4);
  first.fill(5);
  buffer<int> second = std::move(first);
  EXPECT_EQ(second[3], 5);
  EXPECT_THROW(first[0] = 1, std::logic_error);  // NOLINT: what was moved from
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  auto third = memory_.allocate<int>(1);
  third = std::move(second);
  EXPECT_EQ(third.size(), 4u);
  EXPECT_EQ(memory_.total_allocated_bytes(), 16u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferTest, ZA_59_use_after_dispose_throws) {
  auto numbers = memory_.allocate<int>(10);
  numbers.dispose();
  EXPECT_THROW(numbers[0] = 1, std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
  EXPECT_THROW(numbers.fill(1), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(numbers.span()), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
  EXPECT_THROW(numbers.front(), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
}

template <class T>
concept allocatable = requires(system_allocator& memory) {
  memory.allocate<T>(1);
};

TEST_F(BufferTest, ZA_60_only_unmanaged_types_compile) {
  static_assert(allocatable<int> && allocatable<point> && allocatable<int*>);
  static_assert(!allocatable<std::string> && !allocatable<std::vector<int>>);
  static_assert(!allocatable<const int> && !allocatable<int&> && !allocatable<void>);
  static_assert(!unmanaged<int[4]> && unmanaged<std::array<int, 4>>);
}

TEST_F(BufferTest, ZA_61_overruns_through_pointers_are_found) {
  auto numbers = memory_.allocate<char>(10);
  if constexpr (is_tracking) numbers.data()[10] = 'x';
  numbers.dispose();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  auto other = memory_.allocate<char>(10);
  if constexpr (is_tracking) other.data()[-1] = 'x';
  other.dispose();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(BufferTest, ZA_62_the_end_of_a_scope_frees) {
  {
    auto numbers = memory_.allocate<std::byte>(1024);
    EXPECT_EQ(memory_.total_allocated_bytes(), 1024u);
  }
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
}

TEST_F(BufferTest, ReleaseHandsTheMemoryOver) {
  auto numbers = memory_.allocate<int>(3);
  const std::span<int> mine = numbers.release();
  EXPECT_FALSE(numbers.valid());
  mine[2] = 1;
  EXPECT_EQ(memory_.total_allocated_bytes(), 12u);
  memory_.free(mine.data());
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferTest, OutlivesItsAllocator) {
  std::optional<system_allocator> memory{std::in_place};
  auto numbers = memory->allocate<int>(3);
  const unsigned allocated = __LINE__ - 1;
  {
    MEMOIR_SITE_SCOPE();
    memory.reset();
  }
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::pool_destroyed_with_live_blocks);
    EXPECT_EQ(found[0].allocated.line, allocated);
  }
  numbers[2] = 7;
  numbers.dispose();
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
