// Blocks that are kept and handed out again.

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "memoir/memory_pool.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class MemoryPoolTest : public ::testing::Test {
 protected:
  finding_log log_;
  system_allocator base_;
};

TEST_F(MemoryPoolTest, ZA_28_reuses_what_was_given_back) {
  memory_pool pool{base_};
  int* first = nullptr;
  {
    auto numbers = pool.allocate<int>(100);
    first = numbers.data();
    numbers.fill(1);
  }
  auto again = pool.allocate<int>(100);
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(pool.stats().hits, 1u);
  EXPECT_EQ(pool.stats().misses, 1u);
  again.dispose();
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, ZA_28_many_threads) {
  std::optional<memory_pool> pool{std::in_place, base_};
  std::vector<std::thread> threads;
  std::atomic<bool> all_own = true;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<buffer<int>> held;
      for (int i = 0; i < 4000; ++i) {
        auto numbers = pool->allocate<int>(1 + i % 300);
        numbers.fill(t);
        held.push_back(std::move(numbers));
        if (held.size() == 50) {
          for (const auto& one : held) all_own = all_own && one.back() == t;
          held.erase(held.begin(), held.begin() + 40);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(all_own);
  EXPECT_EQ(pool->total_allocated_bytes(), 0u);
  pool->clear();
  EXPECT_EQ(pool->stats().bytes_idle, 0u);
  pool.reset();
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, ZA_28_many_blocks_come_and_go_at_once) {
  memory_pool pool{base_};
  for (int round = 0; round < 3; ++round) {
    std::vector<buffer<int>> all;
    for (int i = 0; i < 1000; ++i) {
      all.push_back(pool.allocate<int>(20));
      all.back().fill(i);
    }
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)][19], i);
  }
  EXPECT_EQ(pool.stats().growth_events, 1000u);
  EXPECT_EQ(pool.stats().available_buffers, 1000u);
  EXPECT_EQ(pool.stats().hits, 2000u);
  pool.clear();
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, ZA_28_blocks_wander_between_threads) {
  memory_pool pool{base_};
  for (int round = 0; round < 20; ++round) {
    std::vector<buffer<char>> sent;
    for (int i = 0; i < 200; ++i) sent.push_back(pool.allocate<char>(64));
    std::thread{[taken = std::move(sent)] {}}.join();
  }
  EXPECT_EQ(pool.total_allocated_bytes(), 0u);
  EXPECT_LE(pool.stats().total_allocated, 400u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, ZA_28_is_cleared_while_others_use_it) {
  memory_pool pool{base_};
  std::atomic<bool> stop = false;
  std::atomic<int> rounds = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        auto one = pool.allocate<int>(10);
        auto other = pool.allocate<int>(10);
        one.fill(1);
        other.fill(2);
        if (one[9] != 1) stop = true;
        ++rounds;
      }
    });
  }
  for (int i = 0; i < 50 || rounds < 1000; ++i) {
    pool.clear();
    static_cast<void>(pool.stats());
  }
  EXPECT_FALSE(stop.exchange(true));
  for (std::thread& thread : threads) thread.join();
  pool.clear();
  EXPECT_EQ(pool.stats().total_allocated, 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, ZA_29_last_in_first_out_by_size_class) {
  memory_pool pool{base_};
  auto first = pool.allocate<char>(100);
  auto second = pool.allocate<char>(100);
  char* const last = second.data();
  first.dispose();
  second.dispose();
  EXPECT_EQ(pool.allocate<char>(110).data(), last);
}

TEST_F(MemoryPoolTest, ZA_30_buffers_go_back_when_they_end) {
  memory_pool pool{base_};
  { auto numbers = pool.allocate<int>(100); }
  EXPECT_EQ(pool.stats().available_buffers, 1u);
  EXPECT_EQ(pool.stats().buffers_in_use, 0u);
  EXPECT_EQ(pool.total_allocated_bytes(), 0u);
}

TEST_F(MemoryPoolTest, ZA_30_uses_after_return_are_found) {
  memory_pool pool{base_};
  auto numbers = pool.allocate<int>(25);
  int* const stale = numbers.data();
  numbers.dispose();
  if constexpr (is_tracking) stale[3] = 7;
  auto next = pool.allocate<int>(25);
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
}

TEST_F(MemoryPoolTest, ZA_31_free_takes_blocks_back_and_nothing_else) {
  memory_pool pool{base_};
  int* mine = pool.allocate<int>(10).release().data();
  EXPECT_EQ(pool.total_allocated_bytes(), 40u);
  pool.free(mine);
  EXPECT_EQ(pool.total_allocated_bytes(), 0u);
  EXPECT_EQ(pool.allocate<int>(10).data(), mine);
  pool.free(nullptr);
  EXPECT_NO_FINDING(log_);
  int local = 0;
  EXPECT_THROW(pool.free(&local), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
  memory_pool other{base_};
  auto foreign = other.allocate<int>(10);
  EXPECT_THROW(pool.free(foreign.data()), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::foreign_return, __LINE__ - 1);
}

TEST_F(MemoryPoolTest, ZA_32_clear_gives_all_idle_memory_back) {
  memory_pool pool{base_};
  auto live = pool.allocate<int>(100);
  { auto numbers = pool.allocate<int>(100); }
  std::thread{[&] { auto numbers = pool.allocate<int>(1000); }}.join();
  EXPECT_GE(pool.clear(), 4400u);
  EXPECT_EQ(pool.total_allocated_bytes(), 400u);
  EXPECT_EQ(pool.stats().available_buffers, 0u);
  live.dispose();
  pool.clear();
  EXPECT_EQ(pool.total_allocated_bytes(), 0u);
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
}

TEST_F(MemoryPoolTest, ZA_33_buffers_may_outlive_the_pool) {
  std::optional<memory_pool> pool{std::in_place, base_};
  auto numbers = pool->allocate<int>(100);
  auto others = pool->allocate<int>(100);
  const unsigned allocated = __LINE__ - 2;
  pool.reset();
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].kind, finding::pool_destroyed_with_live_blocks);
    EXPECT_EQ(std::min(found[0].allocated.line, found[1].allocated.line), allocated);
  }
  numbers.fill(7);
  EXPECT_EQ(numbers[99], 7);
  std::thread{[late = std::move(others)] {}}.join();
  EXPECT_GT(base_.total_allocated_bytes(), 0u);
  numbers.dispose();
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, ZA_33_the_end_of_the_pool_empties_the_caches_of_living_threads) {
  std::optional<memory_pool> pool{std::in_place, base_};
  std::atomic<int> step = 0;
  std::thread worker{[&] {
    { auto numbers = pool->allocate<int>(100); }
    step = 1;
    while (step != 2) std::this_thread::yield();
  }};
  while (step != 1) std::this_thread::yield();
  pool.reset();
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  step = 2;
  worker.join();
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, ZA_34_zeros_only_where_they_are_asked_for) {
  memory_pool pool{base_};
  pool.allocate<int>(50).fill(7);
  auto zeros = pool.allocate<int>(50, zero::yes);
  EXPECT_TRUE(std::ranges::all_of(zeros, [](int n) { return n == 0; }));
  zeros.fill(7);
  zeros.dispose();
  auto dirty = pool.allocate<int>(50);
  EXPECT_EQ(dirty[0], is_tracking ? static_cast<int>(0xcdcdcdcd) : 7);
}

TEST_F(MemoryPoolTest, ZA_35_counters_prove_what_was_saved) {
  memory_pool pool{base_};
  for (int i = 0; i < 1000; ++i) {
    auto numbers = pool.allocate<std::byte>(1024);
    numbers[i % 1024] = std::byte{1};
  }
  const pool_stats seen = pool.stats();
  EXPECT_EQ(seen.hits, 999u);
  EXPECT_EQ(seen.misses, 1u);
  EXPECT_EQ(seen.growth_events, 1u);
  EXPECT_EQ(pool.cumulative_allocated_bytes(), 1024u * 1000);
}

TEST_F(MemoryPoolTest, CapsWhatLiesIdle) {
  memory_pool pool{base_, {.max_idle = 4}};
  std::vector<buffer<char>> all;
  for (int i = 0; i < 200; ++i) all.push_back(pool.allocate<char>(3000));
  all.clear();
  const std::size_t own = is_tracking ? 0 : detail::class_cache::most_of(3072);
  EXPECT_LE(pool.stats().available_buffers, own + 4);
}

TEST_F(MemoryPoolTest, PassesAlignedRequestsOn) {
  memory_pool pool{base_};
  void* block = pool.allocate(100, 256);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 256, 0u);
  EXPECT_EQ(pool.total_allocated_bytes(), 0u);
  pool.deallocate(block, 100, 256);
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, StandsBehindContainers) {
  memory_pool pool{base_};
  {
    std::pmr::vector<int> numbers{&pool};
    for (int i = 0; i < 1000; ++i) numbers.push_back(i);
    EXPECT_EQ(pool.total_allocated_bytes(), numbers.capacity() * sizeof(int));
  }
  EXPECT_EQ(pool.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(MemoryPoolTest, DoubleReturnIsFound) {
  memory_pool pool{base_};
  auto numbers = pool.allocate<int>(10);
  if constexpr (is_tracking) {
    pool.free(numbers.data());
    numbers.dispose();
    EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
    auto one = pool.allocate<int>(10);
    auto other = pool.allocate<int>(10);
    EXPECT_NE(one.data(), other.data());
  }
}

}  // namespace
}  // namespace memoir
