// Lent buffers, global pools, thread caches and the examples of frd-pu's buffer pool.

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "memoir/global_pools.h"
#include "memoir/sized_pool.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

class PooledBytesTest : public ::testing::Test {
 protected:
  finding_log log_;
  sized_pool pool_{sized_pool_options{.trim_interval = 0}};
};

TEST_F(PooledBytesTest, FR_12_returns_to_its_pool) {
  sized_pool other;
  auto buffer = pool_.acquire(100);
  auto moved = std::move(buffer);
  moved = other.acquire(100);  // the first goes back
  EXPECT_EQ(pool_.stats().available_buffers, 1u);
  moved.release();
  moved.release();
  EXPECT_EQ(other.stats().total_releases, 1u);
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(static_cast<void>(buffer.span()), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
}

TEST_F(PooledBytesTest, FR_12_may_outlive_the_pool) {
  failing_resource upstream;
  pooled_bytes buffer;
  unsigned line = 0;
  {
    line = __LINE__ + 1;
    sized_pool pool{{.thread_cache = 4}, &upstream};
    buffer = pool.acquire(100);
    pool.acquire(100).release();
  }
  EXPECT_ONE_FINDING(log_, finding::pool_destroyed_with_live_blocks, line);
  EXPECT_EQ(upstream.live_blocks(), 1u);
  buffer[99] = std::byte{1};
  buffer.resize(5000);
  buffer.release();
  EXPECT_EQ(upstream.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(PooledBytesTest, FR_16_mutable_bytes) {
  auto buffer = pool_.acquire(100);
  EXPECT_EQ(buffer.span().size(), 100u);
  buffer.span()[3] = std::byte{3};
  EXPECT_EQ(buffer[3], std::byte{3});
  EXPECT_EQ(buffer.subspan(3, 1)[0], std::byte{3});
  EXPECT_THROW(buffer[100], std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(buffer.subspan(99, 2)), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(PooledBytesTest, FR_16_writes_beyond_and_afterwards_are_told) {
  if constexpr (!is_tracking) GTEST_SKIP() << "there are no redzones";
  auto buffer = pool_.acquire(100);
  std::byte* old = buffer.data();
  old[100] = std::byte{1};  // within the capacity, beyond the size
  buffer.release();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  old[7] = std::byte{1};
  buffer = pool_.acquire(100);
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
}

TEST_F(PooledBytesTest, FR_17_constant_bytes) {
  const auto buffer = pool_.acquire(100, zero::yes);
  EXPECT_EQ(buffer.span()[99], std::byte{0});
  EXPECT_EQ(buffer[99], std::byte{0});
  EXPECT_THROW(static_cast<void>(buffer[100]), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(PooledBytesTest, FR_18_resize_keeps_zeroes_and_re_homes) {
  auto buffer = pool_.acquire(16);
  std::memset(buffer.data(), 1, 16);
  buffer.resize(4);
  buffer.resize(10);
  EXPECT_EQ(buffer[3], std::byte{1});
  EXPECT_EQ(buffer[4], std::byte{0});
  EXPECT_EQ(buffer[9], std::byte{0});
  buffer.resize(1 << 20);
  EXPECT_EQ(buffer[3], std::byte{1});
  EXPECT_EQ(buffer[(1 << 20) - 1], std::byte{0});
  buffer.release();
  EXPECT_NO_FINDING(log_);
}

// Corpus: in the original, what grew from 16 bytes to 1 MiB is handed out for 16 bytes.
TEST_F(PooledBytesTest, corpus_21_what_grew_goes_to_its_own_size) {
  auto buffer = pool_.acquire(16);
  buffer.resize(1 << 20);
  buffer.release();
  auto small = pool_.acquire(16);
  auto large = pool_.acquire(1 << 20);
  EXPECT_EQ(small.capacity(), 16u);
  EXPECT_EQ(pool_.stats().hits, 2u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(PooledBytesTest, FR_18_resize_finds_what_was_written_beyond) {
  if constexpr (!is_tracking) GTEST_SKIP() << "there are no redzones";
  auto buffer = pool_.acquire(20);
  buffer.data()[20] = std::byte{1};
  buffer.resize(30);
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  EXPECT_EQ(buffer[20], std::byte{0});
}

TEST_F(PooledBytesTest, FR_19_clear_keeps_the_capacity) {
  auto buffer = pool_.acquire(100);
  const std::size_t capacity = buffer.capacity();
  buffer.clear();
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.capacity(), capacity);
  EXPECT_THROW(buffer[0], std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  buffer.resize(100);
  EXPECT_EQ(buffer[99], std::byte{0});
}

TEST_F(PooledBytesTest, FR_20_capacity) {
  auto buffer = pool_.acquire(100);
  EXPECT_EQ(buffer.capacity(), pool_.capacity_for(100));
  EXPECT_EQ(pooled_bytes{}.capacity(), 0u);
}

TEST_F(PooledBytesTest, FR_21_size) {
  auto buffer = pool_.acquire(100);
  EXPECT_EQ(buffer.size(), 100u);
  buffer.resize(7);
  EXPECT_EQ(buffer.size(), 7u);
}

TEST_F(PooledBytesTest, FR_22_empty) {
  auto buffer = pool_.acquire(1);
  EXPECT_FALSE(buffer.empty());
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  EXPECT_TRUE(buffer.valid());
}

TEST_F(PooledBytesTest, FR_23_ends_by_itself) {
  { auto buffer = pool_.acquire(100); }
  EXPECT_EQ(pool_.stats().total_releases, 1u);
  EXPECT_EQ(pool_.stats().buffers_in_use, 0u);
}

TEST_F(PooledBytesTest, WhatWasNeverWrittenIsTold) {
  auto buffer = pool_.acquire(100);
  std::memset(buffer.data(), 0, 50);
  EXPECT_EQ(buffer.written_span().size(), 100u);
  EXPECT_ONE_FINDING(log_, finding::uninitialized_use, __LINE__ - 1);
  EXPECT_EQ(check_initialized(buffer.span()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::uninitialized_use, __LINE__ - 1);
  std::memset(buffer.data() + 50, 0, 43);
  buffer.written_span();  // seven bytes may be data
  EXPECT_NO_FINDING(log_);
}

class GlobalPoolsTest : public PooledBytesTest {};

TEST_F(GlobalPoolsTest, FR_7_three_sizes_that_never_end) {
  EXPECT_EQ(&global_pools(), &global_pools());
  // Given back when the program's static objects end: after everything else.
  static pooled_bytes late = global_pools().small();
  EXPECT_EQ(late.size(), 1024u);
}

TEST_F(GlobalPoolsTest, FR_24_small) {
  auto buffer = global_pools().small();
  EXPECT_EQ(buffer.size(), 1024u);
  buffer[1023] = std::byte{1};
}

TEST_F(GlobalPoolsTest, FR_25_medium) {
  auto buffer = global_pools().medium(zero::yes);
  EXPECT_EQ(buffer.size(), 65536u);
  EXPECT_EQ(buffer[65535], std::byte{0});
}

TEST_F(GlobalPoolsTest, FR_26_large) {
  auto buffer = global_pools().large();
  EXPECT_EQ(buffer.size(), 1048576u);
  buffer[1048575] = std::byte{1};
}

TEST_F(GlobalPoolsTest, FR_27_the_pool_for_a_size) {
  auto buffer = global_pools().get(2048);
  EXPECT_EQ(buffer.size(), 2048u);
  EXPECT_GE(buffer.capacity(), 2048u);
  sized_pool* small = &global_pools().pool_for(1);
  EXPECT_EQ(&global_pools().pool_for(1024), small);
  sized_pool* medium = &global_pools().pool_for(1025);
  EXPECT_NE(medium, small);
  EXPECT_EQ(&global_pools().pool_for(65536), medium);
  EXPECT_NE(&global_pools().pool_for(65537), medium);
  EXPECT_EQ(&global_pools().pool_for(65537), &global_pools().pool_for(1 << 30));
  EXPECT_EQ(global_pools().try_get(0).error(), errc::invalid_size);
}

TEST_F(GlobalPoolsTest, FR_29_statistics_of_all_three) {
  const global_pool_stats before = global_pools().stats();
  {
    auto a = global_pools().small();
    auto b = global_pools().get(2048);
    const global_pool_stats now = global_pools().stats();
    EXPECT_EQ(now.small.buffers_in_use, before.small.buffers_in_use + 1);
    EXPECT_EQ(now.medium.buffers_in_use, before.medium.buffers_in_use + 1);
    EXPECT_EQ(now.large.buffers_in_use, before.large.buffers_in_use);
  }
  EXPECT_EQ(global_pools().stats().medium.total_releases,
            before.medium.total_releases + 1);
}

TEST_F(GlobalPoolsTest, FR_32_clear_global_pools) {
  global_pools().small().release();
  EXPECT_GE(clear_global_pools(), 1024u);
  EXPECT_EQ(global_pools().stats().small.available_buffers, 0u);
  EXPECT_EQ(clear_global_pools(), 0u);
}

TEST_F(GlobalPoolsTest, FR_33_input_and_output) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const std::string text(3000, 't');
  ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
  ASSERT_EQ(std::fflush(file), 0);
  auto buffer = global_pools().medium();
  const ssize_t bytes = ::pread(::fileno(file), buffer.data(), buffer.size(), 0);
  std::fclose(file);
  ASSERT_EQ(bytes, 3000);
  buffer.resize(static_cast<std::size_t>(bytes));
  EXPECT_EQ(std::memcmp(buffer.data(), text.data(), buffer.size()), 0);
  EXPECT_EQ(buffer.written_span().size(), 3000u);
  EXPECT_NO_FINDING(log_);
}

class ThreadCacheTest : public PooledBytesTest {
 protected:
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

TEST_F(PooledBytesTest, FR_E1_custom_pools) {
  sized_pool pool{128};
  auto buffer = pool.acquire(8192);
  buffer[0] = std::byte{42};
  EXPECT_EQ(buffer.span()[0], std::byte{42});
}

TEST_F(PooledBytesTest, FR_E2_global_pools) {
  auto small = global_pools().small();
  auto medium = global_pools().medium();
  auto large = global_pools().large();
  auto fitting = global_pools().get(2048);
  EXPECT_EQ(small.size() + medium.size() + large.size() + fitting.size(),
            1024u + 65536 + 1048576 + 2048);
}

TEST_F(PooledBytesTest, FR_E3_buffer_operations) {
  auto buffer = pool_.acquire(4096);
  buffer.resize(2048);
  EXPECT_EQ(buffer.size(), 2048u);
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  EXPECT_GE(buffer.capacity(), 4096u);
  EXPECT_THROW(buffer[0], std::out_of_range);  // as the original's slice[0]
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(PooledBytesTest, FR_E4_statistics) {
  for (int i = 0; i < 10; ++i) pool_.acquire(1024).release();
  const pool_stats stats = pool_.stats();
  EXPECT_EQ(stats.total_allocated, 1u);
  EXPECT_EQ(stats.buffers_in_use, 0u);
  EXPECT_EQ(stats.available_buffers, 1u);
  EXPECT_EQ(stats.peak_allocation, 1u);
  EXPECT_EQ(stats.total_acquisitions, 10u);
  EXPECT_EQ(stats.total_releases, 10u);
}

TEST_F(PooledBytesTest, FR_E5_giving_memory_back) {
  { auto a = pool_.acquire(1024), b = pool_.acquire(1024); }
  EXPECT_EQ(pool_.shrink(), 1024u);
  EXPECT_EQ(pool_.clear(), 1024u);
  clear_global_pools();
  EXPECT_EQ(pool_.stats().total_allocated, 0u);
}

TEST_F(PooledBytesTest, FR_E6_file_input) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  std::fputs("one line of text\n", file);
  std::rewind(file);
  auto buffer = global_pools().medium();
  buffer.resize(std::fread(buffer.data(), 1, buffer.size(), file));
  std::fclose(file);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(buffer.data()), buffer.size()),
            "one line of text\n");
}

TEST_F(PooledBytesTest, FR_E7_each_error) {
  EXPECT_EQ(pool_.try_acquire(0).error(), errc::invalid_size);
  sized_pool one{{.max_outstanding = 1}};
  auto held = one.acquire(1);
  EXPECT_EQ(one.try_acquire(1).error(), errc::pool_exhausted);
  EXPECT_EQ(sized_pool::make({.alignment = 0}).error(), errc::config);
  EXPECT_EQ(pool_.give_back(held).error(), errc::foreign_buffer);
  for (const errc each :
       {errc::invalid_size, errc::pool_exhausted, errc::config, errc::foreign_buffer}) {
    EXPECT_STRNE(message_of(each), "unknown error");
  }
}

TEST_F(PooledBytesTest, FR_P1_a_hit_is_all_there_is_to_do) {
  pool_.acquire(1 << 20).release();
  const pool_stats before = pool_.stats();
  for (int i = 0; i < 1000; ++i) pool_.acquire(1 << 20).release();
  EXPECT_EQ(pool_.stats().hits - before.hits, 1000u);
  EXPECT_EQ(pool_.stats().growth_events, before.growth_events);
}

}  // namespace
}  // namespace memoir
