// Memory of malloc(), and what all allocators have in common.

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "memoir/system_allocator.h"
#include "memoir/ziggy.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

struct large_struct {
  std::array<char, 1 << 20> bytes;
};

class SystemAllocatorTest : public ::testing::Test {
 protected:
  finding_log log_;
  system_allocator memory_;
};

TEST_F(SystemAllocatorTest, ZA_2_every_allocator_is_an_allocator_and_a_memory_resource) {
  static_assert(std::is_base_of_v<allocator, system_allocator>);
  static_assert(std::is_base_of_v<allocator, debug_allocator>);
  static_assert(std::is_base_of_v<allocator, memory_pool>);
  static_assert(std::is_base_of_v<allocator, hybrid_allocator>);
  static_assert(std::is_base_of_v<std::pmr::memory_resource, allocator>);
  std::pmr::string text{"longer than what fits into the string itself", &memory_};
  EXPECT_EQ(memory_.total_allocated_bytes(), text.capacity() + 1);
}

TEST_F(SystemAllocatorTest, ZA_3_memory_is_uninitialized_unless_asked_for) {
  auto numbers = memory_.allocate<unsigned>(4);
  if constexpr (is_tracking) {
    EXPECT_EQ(numbers[3], 0xcdcdcdcdu);
  }
  EXPECT_EQ(memory_.allocate<unsigned>(4, zero::yes)[3], 0u);
}

TEST_F(SystemAllocatorTest, ZA_4_free_takes_blocks_by_address) {
  memory_.free(nullptr);
  void* block = memory_.allocate(100);
  EXPECT_EQ(memory_.total_allocated_bytes(), 100u);
  memory_.free(block);
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
  if constexpr (is_tracking) {
    memory_.free(block);
    EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
    int local = 0;
    memory_.free(&local);
    EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
    auto numbers = memory_.allocate<int>(10);
    memory_.free(numbers.data() + 1);
    EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
    system_allocator other;
    other.free(numbers.data());
    EXPECT_ONE_FINDING(log_, finding::foreign_return, __LINE__ - 1);
  }
}

TEST_F(SystemAllocatorTest, ZA_4_another_size_is_a_mismatch) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  void* block = memory_.allocate(100);
  memory_.deallocate(block, 50);
  EXPECT_ONE_FINDING(log_, finding::alloc_dealloc_mismatch, __LINE__ - 1);
}

TEST_F(SystemAllocatorTest, ZA_5_single_blocks_can_be_freed) {
  EXPECT_TRUE(memory_.supports_individual_free());
}

TEST_F(SystemAllocatorTest, ZA_6_live_bytes_and_all_bytes_are_two_numbers) {
  auto first = memory_.allocate<int>(100);
  { auto second = memory_.allocate<int>(50); }
  EXPECT_EQ(memory_.total_allocated_bytes(), 400u);
  EXPECT_EQ(memory_.cumulative_allocated_bytes(), 600u);
}

TEST_F(SystemAllocatorTest, ZA_7_counts_below_zero_throw) {
  EXPECT_THROW(static_cast<void>(memory_.allocate<int>(-1)), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(SystemAllocatorTest, ZA_8_no_elements_are_no_block) {
  auto none = memory_.allocate<int>(0);
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.valid());
  EXPECT_EQ(memory_.cumulative_allocated_bytes(), 0u);
}

TEST_F(SystemAllocatorTest, ZA_9_failures_throw) {
  constexpr auto kMost = std::numeric_limits<std::size_t>::max();
  EXPECT_THROW(static_cast<void>(memory_.allocate<double>(kMost / 2)),
               std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 2);
  EXPECT_THROW(static_cast<void>(memory_.allocate(kMost - 8)), std::bad_alloc);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_THROW(static_cast<void>(memory_.allocate<char>(kMost / 4)), std::bad_alloc);
#endif
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SystemAllocatorTest, ZA_10_many_threads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 1; i < 1000; ++i) memory_.allocate<int>(i).fill(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_EQ(memory_.cumulative_allocated_bytes(), 4u * 4 * 999 * 1000 / 2);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SystemAllocatorTest, ZA_10_late_writes_are_found_in_quarantine) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  auto numbers = memory_.allocate<int>(10);
  int* const stale = numbers.data();
  numbers.dispose();
  stale[2] = 1;
  EXPECT_EQ(memory_.verify(), 1u);
  EXPECT_ONE_FINDING(log_, finding::use_after_free, __LINE__ - 1);
  for (int i = 0; i < 1000; ++i) memory_.allocate<int>(10).fill(i);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SystemAllocatorTest, ZA_11_zeroed_of_any_size_and_alignment) {
  for (const std::size_t bytes : {1, 4096, 1 << 20}) {
    auto zeros = memory_.allocate<char>(bytes, zero::yes);
    EXPECT_TRUE(std::ranges::all_of(zeros, [](char c) { return c == 0; }));
  }
  struct alignas(256) wide {
    char bytes[256];
  };
  auto wides = memory_.allocate<wide>(3, zero::yes);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wides.data()) % 256, 0u);
  EXPECT_EQ(wides[2].bytes[255], 0);
}

TEST_F(SystemAllocatorTest, ZA_12_wrapped_memory_is_not_freed) {
  std::array<int, 4> mine{1, 2, 3, 4};
  {
    auto view = system_allocator::wrap_existing(mine.data(), mine.size());
    view[3] = 40;
    EXPECT_FALSE(view.owns());
    EXPECT_THROW(view[4] = 1, std::out_of_range);
    EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  }
  EXPECT_EQ(mine[3], 40);
  EXPECT_THROW(static_cast<void>(system_allocator::wrap_existing<int>(nullptr, 4)),
               std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 2);
}

TEST_F(SystemAllocatorTest, ZA_12_wrapped_blocks_are_looked_after) {
  auto numbers = memory_.allocate<int>(4);
  auto view = system_allocator::wrap_existing(numbers.data(), 4);
  view.fill(1);
  EXPECT_NO_FINDING(log_);
  auto longer = system_allocator::wrap_existing(numbers.data(), 5);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  if constexpr (is_tracking) {
    numbers.dispose();
    static_cast<void>(view.span());
    EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  }
}

template <class Container>
concept wrappable = requires(Container&& container) {
  system_allocator::wrap(std::forward<Container>(container));
};

TEST_F(SystemAllocatorTest, ZA_13_spans_are_wrapped_but_not_what_ends) {
  std::vector<int> numbers{1, 2, 3};
  auto view = system_allocator::wrap(std::span{numbers});
  view[0] = 10;
  EXPECT_EQ(numbers[0], 10);
  static_assert(wrappable<std::span<int>>);
  static_assert(!wrappable<std::vector<int>>);
}

TEST_F(SystemAllocatorTest, ZA_44_the_default_allocator_is_one_and_stays) {
  EXPECT_EQ(&Z::default_allocator(), &Z::default_allocator());
  static buffer<int> for_good = Z::default_allocator().allocate<int>(3);
  EXPECT_TRUE(for_good.valid());
}

TEST_F(SystemAllocatorTest, ZA_71_running_out_of_memory_is_survived) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's malloc ends the program";
#else
  EXPECT_THROW(static_cast<void>(memory_.allocate<large_struct>(1'000'000'000)),
               std::bad_alloc);
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_TRUE(memory_.allocate<int>(1).valid());
#endif
}

TEST_F(SystemAllocatorTest, ZA_72_a_megabyte_and_a_hundred_thousand_ints) {
  auto bytes = memory_.allocate<std::byte>(1024 * 1024);
  auto numbers = memory_.allocate<int>(100'000);
  EXPECT_EQ(memory_.total_allocated_bytes(), 1048576u + 400000u);
}

}  // namespace
}  // namespace memoir
