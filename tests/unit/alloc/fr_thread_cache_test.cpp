// Buffers that threads keep for themselves.

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "memoir/sized_pool.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

class ThreadCacheTest : public ::testing::Test {
 protected:
  finding_log log_;
  failing_resource upstream_;
};

TEST_F(ThreadCacheTest, FR_P4_threads_keep_buffers_for_themselves) {
  sized_pool pool{{.thread_cache = 4, .trim_interval = 0}, &upstream_};
  pool.acquire(100).release();
  const std::size_t before = heap_allocations();
  for (int i = 0; i < 100; ++i) pool.acquire(100).release();
  EXPECT_EQ(heap_allocations(), before);
  const pool_stats stats = pool.stats();
  EXPECT_EQ(stats.total_acquisitions, 101u);
  EXPECT_EQ(stats.total_releases, 101u);
  EXPECT_EQ(stats.hits, 100u);
  EXPECT_EQ(stats.buffers_in_use, 0u);
  EXPECT_EQ(stats.available_buffers, 1u);
  EXPECT_EQ(upstream_.allocations(), 1u);
  {
    std::vector<pooled_bytes> all;
    for (int i = 0; i < 20; ++i) all.push_back(pool.acquire(100));
  }
  EXPECT_EQ(pool.stats().available_buffers, 20u);
  EXPECT_EQ(pool.clear(), 20u * 112);
  EXPECT_EQ(upstream_.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadCacheTest, FR_P4_what_a_thread_kept_goes_back_when_it_ends) {
  sized_pool pool{{.max_outstanding = 4, .thread_cache = 4}};
  std::thread([&] {
    std::vector<pooled_bytes> all;
    for (int i = 0; i < 4; ++i) all.push_back(pool.acquire(100));
  }).join();
  EXPECT_EQ(pool.stats().available_buffers, 4u);
  EXPECT_EQ(pool.stats().buffers_in_use, 0u);
  std::vector<pooled_bytes> all;
  for (int i = 0; i < 4; ++i) all.push_back(pool.acquire(100));
  EXPECT_EQ(pool.stats().hits, 4u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadCacheTest, FR_P4_what_others_keep_is_no_reason_to_refuse) {
  sized_pool pool{{.max_outstanding = 2, .thread_cache = 2}};
  std::atomic<int> step{0};
  std::thread keeping([&] {
    pool.acquire(100).release();
    step = 1;
    while (step != 2) std::this_thread::yield();
  });
  while (step != 1) std::this_thread::yield();
  auto a = pool.acquire(50);
  auto b = pool.acquire(50);
  EXPECT_EQ(pool.try_acquire(50).error(), errc::pool_exhausted);
  step = 2;
  keeping.join();
}

TEST_F(ThreadCacheTest, FR_P4_many_threads) {
  sized_pool pool{{.thread_cache = 8}};
  std::vector<std::thread> threads;
  std::atomic<pooled_bytes*> handed{nullptr};
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 1000; ++i) {
        auto* buffer = new pooled_bytes(pool.acquire(1 + (i * 37 + t) % 600));
        (*buffer)[0] = std::byte{1};
        delete handed.exchange(buffer);  // another thread's, mostly
        if (i % 100 == 0) static_cast<void>(pool.stats());
        if (i % 333 == 0) pool.shrink();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  delete handed.load();
  const pool_stats stats = pool.stats();
  EXPECT_EQ(stats.total_acquisitions, 4000u);
  EXPECT_EQ(stats.total_releases, 4000u);
  EXPECT_EQ(stats.buffers_in_use, 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadCacheTest, FR_P4_a_pool_may_end_before_its_threads) {
  std::atomic<int> step{0};
  auto pool = std::make_unique<sized_pool>(sized_pool_options{.thread_cache = 4});
  std::thread thread([&] {
    pool->acquire(100).release();
    step = 1;
    while (step != 2) std::this_thread::yield();
  });
  while (step != 1) std::this_thread::yield();
  pool.reset();
  step = 2;
  thread.join();
  EXPECT_NO_FINDING(log_);
}

// Buffers of many pools on one thread: more than it has places for.
TEST_F(ThreadCacheTest, FR_P4_more_pools_than_a_thread_keeps_of) {
  std::vector<std::unique_ptr<sized_pool>> pools;
  for (int i = 0; i < 40; ++i) {
    pools.push_back(
        std::make_unique<sized_pool>(sized_pool_options{.thread_cache = 4}, &upstream_));
  }
  for (int round = 0; round < 3; ++round) {
    for (auto& pool : pools) pool->acquire(100).release();
  }
  for (auto& pool : pools) {
    EXPECT_EQ(pool->stats().total_acquisitions, 3u);
    EXPECT_EQ(pool->stats().available_buffers, 1u);
  }
  pools.clear();
  EXPECT_EQ(upstream_.live_blocks(), 0u);
}

}  // namespace
}  // namespace memoir
