// What pools of many sizes promise, and what went wrong in others.

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "memoir/sized_pool.h"
#include "unit/alloc/heap_count.h"
#include "unit/alloc/sized_pool_fixture.h"

namespace memoir {
namespace {

class PoolSizesTest : public SizedPoolFixture {};

// Corpus: the pool of ZiggyAlloc rounds up when it looks for a block, but allocates what
// was asked for: 20 bytes are handed out as 32.
TEST_F(PoolSizesTest, corpus_2_blocks_hold_what_their_class_promises) {
  sized_pool pool;
  pool.acquire(20).release();
  auto buffer = pool.acquire(32);
  EXPECT_EQ(pool.stats().hits, 1u);
  std::memset(buffer.data(), 1, 32);
  buffer.release();
  EXPECT_NO_FINDING(log_);
  // And a caller who gives back more than he got is found out before others get it.
  if constexpr (is_tracking) {
    void* block = pool.as_resource()->allocate(20, 8);
    pool.as_resource()->deallocate(block, 100, 8);
    EXPECT_ONE_FINDING(log_, finding::undersized_reuse, __LINE__ - 1);
    EXPECT_EQ(pool.acquire(100).capacity(), 112u);
  }
}

// What corpus 22 is about: an acquisition does the same for 1 KiB and for 1 MiB. It asks
// upstream for nothing, and touches no byte of the buffer.
TEST_F(PoolSizesTest, corpus_22_acquisition_does_not_touch_the_bytes) {
  if constexpr (is_tracking) GTEST_SKIP() << "tracking fills what it hands out";
  sized_pool pool;
  for (const std::size_t size : {std::size_t{1} << 10, std::size_t{1} << 20}) {
    {
      auto buffer = pool.acquire(size);
      std::memset(buffer.data(), 7, size);
    }
    auto again = pool.acquire(size);
    EXPECT_EQ(std::count(again.begin(), again.end(), std::byte{7}),
              static_cast<std::ptrdiff_t>(size));
  }
}

TEST_F(PoolSizesTest, FR_P2_acquisition_is_flat_in_size) {
  sized_pool pool;
  for (const std::size_t size : {1u << 10, 1u << 16, 1u << 20}) {
    pool.acquire(size).release();
    const std::size_t before = heap_allocations();
    auto buffer = pool.acquire(size);
    EXPECT_EQ(heap_allocations(), before);
    EXPECT_EQ(pool.stats().misses, pool.stats().growth_events);
  }
  EXPECT_EQ(pool.stats().hits, 3u);
}

// 1000 sizes, a few of each: 1000 idle buffers with exact sizes, a handful with classes.
TEST_F(PoolSizesTest, FR_P3_varied_sizes_do_not_pile_up) {
  sized_pool exact{{.key = pool_key::exact, .max_per_class = 4, .trim_interval = 0}};
  sized_pool classes{{.max_per_class = 4}};
  for (std::size_t i = 0; i < 1000; ++i) {
    exact.acquire(1000 + i).release();
    classes.acquire(1000 + i).release();
  }
  EXPECT_EQ(exact.stats().available_buffers, 1000u);
  EXPECT_LE(classes.stats().available_buffers, 6u);
  log_.take();
}

// Corpus: idle buffers out of all proportion to what is ever in use are told, once.
TEST_F(PoolSizesTest, corpus_21_unbounded_sizes_are_told) {
  sized_pool pool{{.key = pool_key::exact, .trim_interval = 0}};
  std::size_t line = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    auto buffer = pool.acquire(4000 + i);
    line = __LINE__ + 1;
    buffer.release();
  }
  EXPECT_ONE_FINDING(log_, finding::over_retention, line);
  sized_pool capped{
      {.key = pool_key::exact, .max_idle_bytes = 1 << 18, .trim_interval = 0}};
  for (std::size_t i = 0; i < 1000; ++i) capped.acquire(4000 + i).release();
  EXPECT_LE(capped.stats().bytes_idle, 1u << 18);
  EXPECT_NO_FINDING(log_);
}

// Corpus: bytes of the last owner.
TEST_F(PoolSizesTest, corpus_23_what_the_last_owner_left) {
  sized_pool telling{{.dirty = dirty_policy::report}};
  telling.acquire(100).release();
  telling.acquire(100, zero::yes).release();
  EXPECT_NO_FINDING(log_);
  telling.acquire(100).release();
  EXPECT_ONE_FINDING(log_, finding::dirty_reuse, __LINE__ - 1);

  sized_pool scrubbing{{.dirty = dirty_policy::scrub}};
  {
    auto buffer = scrubbing.acquire(100);
    std::memset(buffer.data(), 's', 100);
    buffer.resize(10);
  }
  const auto next = scrubbing.acquire(100);
  EXPECT_EQ(std::count(next.begin(), next.end(), std::byte{'s'}), 0);
  EXPECT_NO_FINDING(log_);
}

TEST_F(PoolSizesTest, EveryFailingAllocationLeavesAllAsItWas) {
  for (std::size_t n = 0; n < 4; ++n) {
    sized_pool pool{{}, &upstream_};
    upstream_.fail_after(n);
    std::vector<pooled_bytes> all;
    for (std::size_t i = 0; i < 4; ++i) {
      auto buffer = pool.try_acquire(100 * (i + 1));
      EXPECT_EQ(buffer.has_value(), i < n);
      if (buffer) all.push_back(std::move(*buffer));
    }
    EXPECT_EQ(pool.stats().buffers_in_use, n);
    expect_balanced(pool.stats());
    if (n > 0) {
      all[0][0] = std::byte{5};
      EXPECT_THROW(all[0].resize(5000), std::bad_alloc);
      EXPECT_EQ(all[0].size(), 100u);
      EXPECT_EQ(all[0][0], std::byte{5});
    }
    EXPECT_THROW(pool.acquire(10), std::bad_alloc);
    upstream_.never_fail();
  }
  EXPECT_EQ(upstream_.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
