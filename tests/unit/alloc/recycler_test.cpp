// The engine behind vector_pool, sized_pool and memory_pool.

#include "memoir/detail/recycler.h"

#include <cstring>
#include <thread>
#include <vector>

#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

using detail::recycled_block;
using detail::recycler_key;
using detail::recycler_options;

class RecyclerTest : public ::testing::Test {
 protected:
  detail::recycler& make(const recycler_options& options) {
    pool_.reset(new detail::recycler("test_pool", options, &upstream_, site::current()));
    return *pool_;
  }
  recycled_block get(std::size_t bytes) {
    return pool_->try_acquire(bytes, site::current()).value();
  }
  bool put(const recycled_block& block) {
    return pool_->release(block.data, block.capacity, block.number, site::current());
  }
  void expect_balanced() {
    const pool_stats stats = pool_->stats();
    EXPECT_EQ(stats.total_allocated, stats.buffers_in_use + stats.available_buffers);
    EXPECT_EQ(stats.total_acquisitions - stats.total_releases, stats.buffers_in_use);
    EXPECT_EQ(stats.total_acquisitions, stats.hits + stats.misses);
    EXPECT_EQ(stats.growth_events - stats.freed, stats.total_allocated);
    EXPECT_EQ(stats.total_allocated, upstream_.live_blocks());
  }

  finding_log log_;
  failing_resource upstream_;
  detail::recycler_owner pool_;
};

constexpr recycler_options kExact{.key = recycler_key::exact};

TEST_F(RecyclerTest, TheBlockGivenBackLastComesFirst) {
  make({});
  const recycled_block a = get(100);
  const recycled_block b = get(100);
  EXPECT_FALSE(a.reused);
  EXPECT_TRUE(put(a));
  EXPECT_TRUE(put(b));
  const recycled_block c = get(97);
  EXPECT_EQ(c.data, b.data);
  EXPECT_TRUE(c.reused);
  EXPECT_EQ(get(112).data, a.data);
  expect_balanced();
  put(c);
  put(recycled_block{a.data, a.capacity, true, {}});
  log_.take();
}

TEST_F(RecyclerTest, BlocksAreAsLargeAsTheirClass) {
  make({});
  const recycled_block a = get(20);
  EXPECT_EQ(a.capacity, 32u);
  put(a);
  const recycled_block b = get(32);
  EXPECT_EQ(b.data, a.data);
  std::memset(b.data, 1, 32);
  put(b);
  EXPECT_NO_FINDING(log_);
}

TEST_F(RecyclerTest, ExactSizesDoNotMix) {
  make(kExact);
  const recycled_block a = get(100);
  put(a);
  const recycled_block b = get(101);
  EXPECT_FALSE(b.reused);
  put(b);
  EXPECT_EQ(pool_->idle(100), 1u);
  EXPECT_EQ(pool_->idle(101), 1u);
  EXPECT_EQ(pool_->idle(102), 0u);
  expect_balanced();
}

TEST_F(RecyclerTest, OneSizeKeepsNothingLarger) {
  make({.key = recycler_key::one_size, .block_size = 4096});
  const recycled_block small = get(10);
  EXPECT_EQ(small.capacity, 4096u);
  const recycled_block large = get(5000);
  EXPECT_EQ(large.capacity, 5000u);
  put(small);
  put(large);
  EXPECT_EQ(pool_->stats().available_buffers, 1u);
  expect_balanced();
}

TEST_F(RecyclerTest, OneSizeMayKeepWhatGrewAndNeverHandsOutTooLittle) {
  make({.key = recycler_key::one_size, .block_size = 100, .max_kept_size = 400});
  put(get(100));
  const recycled_block large = get(350);
  EXPECT_EQ(large.capacity, 350u);  // the idle one would have been too small
  put(large);
  const recycled_block again = get(50);
  EXPECT_EQ(again.data, large.data);
  EXPECT_EQ(again.capacity, 350u);
  put(again);
  expect_balanced();
  EXPECT_NO_FINDING(log_);
}

TEST_F(RecyclerTest, SoManyAreKeptAndNotMore) {
  make({.max_idle = 3});
  std::vector<recycled_block> blocks;
  for (int i = 0; i < 10; ++i) blocks.push_back(get(64));
  for (const recycled_block& block : blocks) put(block);
  EXPECT_EQ(pool_->stats().available_buffers, 3u);
  EXPECT_EQ(pool_->stats().over_cap, 7u);
  EXPECT_EQ(upstream_.live_blocks(), 3u);
  expect_balanced();
}

TEST_F(RecyclerTest, SoManyBytesAreKeptAndNotMore) {
  make({.key = recycler_key::exact, .max_idle_bytes = 1000});
  for (std::size_t bytes = 1; bytes <= 300; ++bytes) put(get(bytes));
  EXPECT_LE(pool_->stats().bytes_idle, 1000u);
  EXPECT_GT(pool_->stats().bytes_idle, 700u);
  expect_balanced();
}

TEST_F(RecyclerTest, ErrorsLeaveAllAsItWas) {
  make({.max_outstanding = 2});
  EXPECT_EQ(pool_->try_acquire(0, site::current()).error(), errc::invalid_size);
  EXPECT_EQ(pool_->try_acquire(~std::size_t{0}, site::current()).error(),
            errc::size_overflow);
  upstream_.fail_after(0);
  EXPECT_EQ(pool_->try_acquire(10, site::current()).error(), errc::out_of_memory);
  expect_balanced();
  upstream_.never_fail();
  const recycled_block a = get(10);
  const recycled_block b = get(10);
  EXPECT_EQ(pool_->try_acquire(10, site::current()).error(), errc::pool_exhausted);
  put(a);
  put(b);
  expect_balanced();
  EXPECT_NO_FINDING(log_);
}

TEST_F(RecyclerTest, OptionsThatCannotBe) {
  EXPECT_THROW(
      detail::recycler_owner(new detail::recycler(
          "test_pool", {.key = recycler_key::one_size}, &upstream_, site::current())),
      std::invalid_argument);
  EXPECT_THROW(make({.alignment = 24}), std::invalid_argument);
  EXPECT_THROW(
      make({.key = recycler_key::one_size, .block_size = 64, .max_kept_size = 32}),
      std::invalid_argument);
}

TEST_F(RecyclerTest, ShrinkHalvesAndClearEmpties) {
  make({});
  std::vector<recycled_block> blocks;
  for (int i = 0; i < 40; ++i) blocks.push_back(get(64));
  for (const recycled_block& block : blocks) put(block);
  EXPECT_EQ(pool_->shrink(0.5), 20u * 64);
  EXPECT_EQ(pool_->idle(64), 20u);
  EXPECT_EQ(get(64).data, blocks[39].data);  // the oldest went
  EXPECT_EQ(pool_->clear(), 19u * 64);
  EXPECT_EQ(pool_->stats().available_buffers, 0u);
  expect_balanced();
  pool_->release(blocks[39].data, blocks[39].capacity, site::current());
  EXPECT_NO_FINDING(log_);
}

TEST_F(RecyclerTest, TrimTakesFromTheLargestFirst) {
  make({});
  for (int i = 0; i < 4; ++i) put(get(std::size_t{1024} << i));
  EXPECT_EQ(pool_->trim(4000), 8192u + 4096u);
  EXPECT_EQ(pool_->stats().bytes_idle, 3072u);
  EXPECT_EQ(pool_->trim(4000), 0u);
  expect_balanced();
}

TEST_F(RecyclerTest, WhatIsNeverUsedIsGivenBackInTime) {
  make({.trim_interval = 8});
  std::vector<recycled_block> blocks;
  for (int i = 0; i < 30; ++i) blocks.push_back(get(16));
  for (const recycled_block& block : blocks) put(block);
  EXPECT_GE(pool_->stats().available_buffers, 15u);
  for (int i = 0; i < 100; ++i) put(get(16));
  EXPECT_LE(pool_->stats().available_buffers, 2u);
  EXPECT_GE(pool_->stats().available_buffers, 1u);
  expect_balanced();
}

TEST_F(RecyclerTest, BlocksOutliveThePool) {
  make({});
  const unsigned line = __LINE__;
  auto* engine = pool_.get();
  const recycled_block a = get(64);
  const recycled_block b = get(64);
  put(b);
  pool_.reset();
  const auto found = log_.take();
  EXPECT_EQ(found.size(), is_tracking ? 1u : 0u);
  for (const logged_finding& one : found) {
    EXPECT_EQ(one.kind, finding::pool_destroyed_with_live_blocks);
    EXPECT_LT(one.where.line, line);  // made by make()
  }
  EXPECT_EQ(upstream_.live_blocks(), 1u);
  a.data[63] = std::byte{1};
  engine->release(a.data, a.capacity, a.number, site::current());
  EXPECT_EQ(upstream_.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(RecyclerTest, MisuseIsTold) {
  if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the blocks";
  make({});
  const recycled_block a = get(20);
  EXPECT_TRUE(pool_->release(a.data, a.capacity, site::current()));
  EXPECT_FALSE(pool_->release(a.data, a.capacity, site::current()));
  EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
  a.data[5] = std::byte{1};
  const recycled_block b = get(20);
  auto found = log_.take();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, finding::use_after_return);
  b.data[20] = std::byte{1};
  pool_->release(b.data, b.capacity, site::current());
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  expect_balanced();
}

TEST_F(RecyclerTest, BlocksAreFiledAsWhatTheyAre) {
  if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the blocks";
  make({});
  const recycled_block a = get(20);
  pool_->release(a.data, 112, site::current());
  EXPECT_ONE_FINDING(log_, finding::undersized_reuse, __LINE__ - 1);
  EXPECT_EQ(pool_->idle(20), 1u);
  EXPECT_EQ(pool_->idle(112), 0u);
  const recycled_block b = get(20);
  pool_->release(b.data, 16, site::current());
  EXPECT_ONE_FINDING(log_, finding::alloc_dealloc_mismatch, __LINE__ - 1);
}

TEST_F(RecyclerTest, ManyThreads) {
  make({.max_idle = 8, .trim_interval = 16});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (std::size_t i = 0; i < 2000; ++i) {
        const recycled_block block =
            pool_->try_acquire(1 + i % 300, site::current()).value();
        block.data[0] = std::byte{1};
        pool_->release(block.data, block.capacity, block.number, site::current());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const pool_stats stats = pool_->stats();
  EXPECT_EQ(stats.total_acquisitions, 8000u);
  EXPECT_EQ(stats.buffers_in_use, 0u);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
