// scoped_allocator: the rows of ScopedMemoryAllocator.

#include <optional>
#include <thread>
#include <vector>

#include "memoir/scoped_allocator.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

// Remembers in which order blocks came back.
class ordered_resource : public std::pmr::memory_resource {
 public:
  std::vector<void*> given;
  std::vector<void*> returned;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    given.push_back(std::pmr::new_delete_resource()->allocate(bytes, alignment));
    return given.back();
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    returned.push_back(memory);
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

class ScopedAllocatorTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(ScopedAllocatorTest, ZA_15_all_blocks_go_at_once) {
  failing_resource memory;
  {
    scoped_allocator scope{&memory};
    auto numbers = scope.allocate<int>(100);
    auto zeros = scope.allocate<double>(100, zero::yes);
    numbers[99] = 1;
    EXPECT_EQ(zeros[99], 0.0);
    {
      auto inner = scope.allocate<int>(10);
      inner.fill(3);
    }
    EXPECT_EQ(scope.total_allocated_bytes(), 400u + 800 + 40);
    EXPECT_GT(memory.live_blocks(), 0u);
  }
  EXPECT_EQ(memory.live_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ScopedAllocatorTest, ZA_15_memory_goes_back_in_reverse_order) {
  ordered_resource memory;
  {
    scoped_allocator scope{&memory};
    for (std::size_t bytes = 1000; bytes < 100000; bytes *= 2) {
      static_cast<void>(scope.allocate(bytes));
    }
  }
  ASSERT_GT(memory.given.size(), 3u);
  std::reverse(memory.returned.begin(), memory.returned.end());
  EXPECT_EQ(memory.given, memory.returned);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ScopedAllocatorTest, ZA_15_the_end_of_a_buffer_gives_nothing_back) {
  scoped_allocator scope;
  int* kept = nullptr;
  {
    auto numbers = scope.allocate<int>(3);
    kept = numbers.data();
    numbers.dispose();
  }
  kept[2] = 5;
  EXPECT_EQ(kept[2], 5);
  scope.verify();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ScopedAllocatorTest, ZA_15_buffers_that_give_their_blocks_away_keep_nothing) {
  const auto use = [] {
    scoped_allocator scope;
    scope.allocate<int>(10).release()[9] = 1;
    auto other = scope.allocate<int>(10);
  };
  use();  // what stays for ever is there
  const std::ptrdiff_t live = heap_live_blocks();
  use();
  EXPECT_EQ(heap_live_blocks(), live);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ScopedAllocatorTest, ZA_15_buffers_that_survive_are_safe_and_found) {
  buffer<int> survivor;
  {
    scoped_allocator scope;
    survivor = scope.allocate<int>(3);
  }
  EXPECT_EQ(survivor.size(), 3u);
  if constexpr (is_tracking) {
    static_cast<void>(survivor.span());
    EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
  }
  survivor.dispose();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ScopedAllocatorTest, ZA_15_writes_beside_a_block_are_found) {
  scoped_allocator scope;
  auto* bytes = static_cast<char*>(scope.allocate(10));
  if constexpr (is_tracking) bytes[10] = 1;
  scope.dispose();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(ScopedAllocatorTest, ZA_16_one_thread_at_a_time) {
  scoped_allocator scope;
  static_cast<void>(scope.allocate(1));
  std::thread{[&] {
    static_cast<void>(scope.allocate(1));
    EXPECT_ONE_FINDING(log_, finding::unsynchronized_use, __LINE__ - 1);
  }}.join();
  scope.hand_over();
  std::thread{[&] { static_cast<void>(scope.allocate(1)); }}.join();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ScopedAllocatorTest, ZA_17_free_is_refused_also_of_null) {
  scoped_allocator scope;
  void* block = scope.allocate(10);
  EXPECT_THROW(scope.free(block), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::unsupported_free, __LINE__ - 1);
  EXPECT_THROW(scope.free(nullptr), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::unsupported_free, __LINE__ - 1);
  allocator& any = scope;
  EXPECT_THROW(any.free(block), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::unsupported_free, __LINE__ - 1);
}

TEST_F(ScopedAllocatorTest, ZA_18_says_so) {
  scoped_allocator scope;
  EXPECT_FALSE(scope.supports_individual_free());
}

TEST_F(ScopedAllocatorTest, ZA_19_no_use_after_dispose) {
  scoped_allocator scope;
  auto numbers = scope.allocate<int>(100);
  EXPECT_FALSE(scope.is_disposed());
  scope.dispose();
  scope.dispose();
  EXPECT_TRUE(scope.is_disposed());
  EXPECT_EQ(scope.total_allocated_bytes(), 0u);
  EXPECT_EQ(scope.cumulative_allocated_bytes(), 400u);
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(static_cast<void>(scope.allocate<int>(1)), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(scope.allocate(1)), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
}

TEST_F(ScopedAllocatorTest, StandsBehindContainers) {
  scoped_allocator scope;
  std::pmr::vector<std::pmr::string> words{&scope};
  for (int i = 0; i < 100; ++i) words.emplace_back(std::to_string(i) + " and some more");
  EXPECT_EQ(words[99], "99 and some more");
  EXPECT_NO_FINDING(log_);
}

TEST_F(ScopedAllocatorTest, AFailedAllocationChangesNothing) {
  failing_resource memory;
  {
    scoped_allocator scope{&memory};
    memory.fail_after(1);
    auto numbers = scope.allocate<int>(10);
    EXPECT_THROW(static_cast<void>(scope.allocate<int>(100000)), std::bad_alloc);
    EXPECT_EQ(scope.total_allocated_bytes(), 40u);
    numbers.fill(1);
    EXPECT_THROW(static_cast<void>(scope.allocate<double>(SIZE_MAX / 2)),
                 std::bad_array_new_length);
  }
  EXPECT_EQ(memory.live_blocks(), 0u);
  EXPECT_EQ(log_.take().size(), is_tracking ? 1u : 0u);
}

}  // namespace
}  // namespace memoir
