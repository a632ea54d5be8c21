// Buffers kept by size: BufferPool of frd-pu.

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

class SizedPoolTest : public SizedPoolFixture {};

// Without tracking these headers need nothing but the standard library; this test is
// built that way, too.
TEST_F(SizedPoolTest, FR_1_the_headers_are_enough) {
  sized_pool pool;
  EXPECT_EQ(pool.acquire(10).size(), 10u);
}

TEST_F(SizedPoolTest, FR_2_reuse_asks_for_nothing) {
  sized_pool pool{{}, &upstream_};
  for (const std::size_t size : {100u, 5000u, 100000u}) pool.acquire(size).release();
  const std::size_t before = heap_allocations();
  const std::size_t upstream_before = upstream_.allocations();
  for (int i = 0; i < 300; ++i) {
    for (const std::size_t size : {100u, 5000u, 100000u}) pool.acquire(size).release();
  }
  EXPECT_EQ(heap_allocations(), before);
  EXPECT_EQ(upstream_.allocations(), upstream_before);
  EXPECT_EQ(pool.stats().hits, 900u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SizedPoolTest, FR_3_sizes_have_lists_of_their_own) {
  sized_pool exact{{.key = pool_key::exact}};
  exact.acquire(1000).release();
  exact.acquire(1001).release();
  EXPECT_EQ(exact.stats().total_allocated, 2u);
  EXPECT_EQ(exact.acquire(1000).capacity(), 1000u);
  sized_pool classes;
  classes.acquire(1000).release();
  EXPECT_EQ(classes.acquire(1001).capacity(), 1024u);
  EXPECT_EQ(classes.stats().total_allocated, 1u);
}

TEST_F(SizedPoolTest, FR_4_threads_share_it) {
  sized_pool pool;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, t] {
      std::minstd_rand random{t + 1};
      for (int i = 0; i < 1000; ++i) {
        auto buffer = pool.acquire(1 + random() % 5000);
        buffer[0] = static_cast<std::byte>(t);
        buffer[buffer.size() - 1] = static_cast<std::byte>(t);
        ASSERT_EQ(buffer[0], static_cast<std::byte>(t));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const pool_stats stats = pool.stats();
  EXPECT_EQ(stats.total_acquisitions, 4000u);
  EXPECT_EQ(stats.buffers_in_use, 0u);
  expect_balanced(stats);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SizedPoolTest, FR_5_grows_on_a_miss) {
  sized_pool pool;
  std::vector<pooled_bytes> all;
  for (int i = 0; i < 200; ++i) all.push_back(pool.acquire(100));
  EXPECT_EQ(pool.stats().growth_events, 200u);
  EXPECT_EQ(pool.stats().total_allocated, 200u);
}

TEST_F(SizedPoolTest, FR_6_shrinks_by_itself) {
  sized_pool pool{{.trim_interval = 16}};
  {
    std::vector<pooled_bytes> all;
    for (int i = 0; i < 60; ++i) all.push_back(pool.acquire(1000));
  }
  EXPECT_GT(pool.stats().available_buffers, 30u);
  for (int i = 0; i < 200; ++i) pool.acquire(1000).release();
  EXPECT_LE(pool.stats().available_buffers, 2u);
  EXPECT_GE(pool.stats().trimmed, 55u);
  // What is in use all the time is kept.
  const std::uint64_t grown = pool.stats().growth_events;
  for (int i = 0; i < 200; ++i) pool.acquire(1000).release();
  EXPECT_EQ(pool.stats().growth_events, grown);
  expect_balanced(pool.stats());
}

TEST_F(SizedPoolTest, FR_8_statistics) {
  sized_pool pool;
  auto a = pool.acquire(100);
  auto b = pool.acquire(100);
  b.release();
  const pool_stats stats = pool.stats();
  EXPECT_EQ(stats.bytes_in_use, 112u);
  EXPECT_EQ(stats.bytes_idle, 112u);
  EXPECT_EQ(stats.peak_bytes, 224u);
  EXPECT_EQ(stats.hit_rate(), 0.0);
  EXPECT_EQ(pool.usage().allocations, 2u);
  EXPECT_EQ(pool.usage().total_bytes, 224u);
}

// The times are in bench/alloc_streams.
TEST_F(SizedPoolTest, FR_9_nothing_is_zeroed_that_was_not_asked_for) {
  sized_pool pool;
  {
    auto buffer = pool.acquire(4096);
    std::memset(buffer.data(), 7, buffer.size());
  }
  auto again = pool.acquire(4096);
  EXPECT_EQ(again[100], is_tracking ? std::byte{0xcd} : std::byte{7});
  again.release();
  auto zeroed = pool.acquire(4096, zero::yes);
  EXPECT_EQ(std::count(zeroed.begin(), zeroed.end(), std::byte{0}), 4096);
}

TEST_F(SizedPoolTest, FR_10_what_is_idle_is_limited) {
  sized_pool pool{{.max_per_class = 2, .max_idle_bytes = 5000}};
  {
    std::vector<pooled_bytes> all;
    for (int i = 0; i < 5; ++i) all.push_back(pool.acquire(1024));
    for (int i = 0; i < 5; ++i) all.push_back(pool.acquire(2048));
  }
  EXPECT_EQ(pool.stats().bytes_idle, 2u * 1024 + 2048);
  EXPECT_EQ(pool.stats().over_cap, 7u);
}

TEST_F(SizedPoolTest, FR_11_each_pool_is_its_own) {
  sized_pool a{4};
  sized_pool b{{.max_per_class = 8}};
  a.set_name("a");
  b.set_name("b");
  a.acquire(10).release();
  EXPECT_EQ(a.stats().total_acquisitions, 1u);
  EXPECT_EQ(b.stats().total_acquisitions, 0u);
  EXPECT_THROW(b.acquire(0), std::invalid_argument);
  const auto found = log_.take();
  for (const logged_finding& one : found) EXPECT_EQ(one.pool_name, "b");
  EXPECT_EQ(found.size(), is_tracking ? 1u : 0u);
}

TEST_F(SizedPoolTest, FR_13_sixty_four_by_default) {
  sized_pool pool{{.trim_interval = 0}};
  sized_pool plain;
  for (sized_pool* one : {&pool, &plain}) {
    std::vector<pooled_bytes> all;
    for (int i = 0; i < 100; ++i) all.push_back(one->acquire(64));
    all.clear();
    EXPECT_LE(one->stats().available_buffers, 64u);
  }
  EXPECT_EQ(pool.stats().available_buffers, 64u);
}

TEST_F(SizedPoolTest, FR_14_as_many_as_was_said) {
  sized_pool pool{128};
  {
    std::vector<pooled_bytes> all;
    for (int i = 0; i < 150; ++i) all.push_back(pool.acquire(64));
  }
  EXPECT_LE(pool.stats().available_buffers, 128u);
  EXPECT_GT(pool.stats().available_buffers, 64u);
}

TEST_F(SizedPoolTest, FR_15_of_exactly_the_size) {
  sized_pool pool;
  auto buffer = pool.try_acquire(8192).value();
  EXPECT_EQ(buffer.size(), 8192u);
  EXPECT_GE(buffer.capacity(), 8192u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % alignof(std::max_align_t),
            0u);
  sized_pool wide{{.alignment = 4096}};
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wide.acquire(10).data()) % 4096, 0u);
}

TEST_F(SizedPoolTest, FR_28_six_numbers_and_what_holds_of_them) {
  sized_pool pool{{.trim_interval = 4}};
  std::minstd_rand random{7};
  std::vector<pooled_bytes> all;
  for (int i = 0; i < 2000; ++i) {
    if (random() % 3 != 0 || all.empty()) {
      all.push_back(pool.acquire(1 + random() % 3000));
    } else {
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(random() % all.size()));
    }
    if (random() % 100 == 0) pool.shrink();
    if (random() % 20 == 0) all.back().resize(1 + random() % 6000);
    expect_balanced(pool.stats());
    ASSERT_EQ(pool.stats().buffers_in_use, all.size());
  }
  EXPECT_GE(pool.stats().peak_allocation, pool.stats().total_allocated);
  EXPECT_EQ(pool.verify(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SizedPoolTest, FR_30_clear) {
  sized_pool pool{{}, &upstream_};
  auto held = pool.acquire(100);
  pool.acquire(3000).release();
  EXPECT_EQ(pool.clear(), pool.capacity_for(3000));
  EXPECT_EQ(pool.stats().available_buffers, 0u);
  EXPECT_EQ(upstream_.live_blocks(), 1u);
}

TEST_F(SizedPoolTest, FR_31_shrink_halves) {
  sized_pool pool{{.trim_interval = 0}};
  {
    std::vector<pooled_bytes> all;
    for (int i = 0; i < 4; ++i) all.push_back(pool.acquire(100));
  }
  for (const std::uint64_t left : {2u, 1u, 0u}) {
    pool.shrink();
    EXPECT_EQ(pool.stats().available_buffers, left);
  }
  EXPECT_EQ(pool.shrink(), 0u);
}

TEST_F(SizedPoolTest, FR_34_size_zero) {
  sized_pool pool;
  EXPECT_EQ(pool.try_acquire(0).error(), errc::invalid_size);
  EXPECT_NO_FINDING(log_);  // asked for, and answered
  EXPECT_THROW(pool.acquire(0), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
  EXPECT_EQ(pool.try_acquire(~std::size_t{0}).error(), errc::size_overflow);
  EXPECT_THROW(pool.acquire(~std::size_t{0}), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
}

TEST_F(SizedPoolTest, FR_35_exhaustion_is_real) {
  sized_pool pool{{.max_outstanding = 2}};
  auto a = pool.acquire(10);
  auto b = pool.acquire(10);
  EXPECT_EQ(pool.try_acquire(10).error(), errc::pool_exhausted);
  EXPECT_THROW(pool.acquire(10), pool_exhausted);
  EXPECT_ONE_FINDING(log_, finding::pool_exhausted, __LINE__ - 1);
  a.resize(100000);  // another block in place of this one
  b.release();
  EXPECT_EQ(pool.acquire(10).size(), 10u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SizedPoolTest, FR_36_options_that_contradict) {
  for (const sized_pool_options& bad :
       {sized_pool_options{.alignment = 3}, sized_pool_options{.max_outstanding = 0},
        sized_pool_options{.thread_cache = 33},
        sized_pool_options{.max_outstanding = 4, .thread_cache = 8}}) {
    EXPECT_EQ(sized_pool::make(bad).error(), errc::config);
    ASSERT_NE(problem_of(bad), nullptr);
    try {
      sized_pool pool{bad};
      ADD_FAILURE() << problem_of(bad);
    } catch (const std::invalid_argument& wrong) {
      EXPECT_NE(std::string(wrong.what()).find(problem_of(bad)), std::string::npos);
    }
  }
  EXPECT_EQ(sized_pool::make({}, nullptr).error(), errc::config);
  EXPECT_TRUE(sized_pool::make({.thread_cache = 4}));
}

TEST_F(SizedPoolTest, FR_37_a_buffer_of_another_pool) {
  sized_pool mine;
  sized_pool other;
  auto buffer = other.acquire(100);
  EXPECT_EQ(mine.give_back(buffer).error(), errc::foreign_buffer);
  EXPECT_ONE_FINDING(log_, finding::foreign_return, __LINE__ - 1);
  EXPECT_TRUE(buffer.valid());
  EXPECT_EQ(other.give_back(buffer).value(), 112u);
  EXPECT_FALSE(buffer.valid());
  EXPECT_EQ(other.give_back(buffer).error(), errc::disposed);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SizedPoolTest, FR_38_containers_take_their_memory_from_it) {
  sized_pool pool{{}, &upstream_};
  for (int round = 0; round < 10; ++round) {
    MEMOIR_SITE_SCOPE();
    std::pmr::vector<int> numbers{pool.as_resource()};
    for (int i = 0; i < 1000; ++i) numbers.push_back(i);
    std::pmr::string text{"longer than what a string holds by itself",
                          pool.as_resource()};
    EXPECT_EQ(numbers[999], 999);
  }
  EXPECT_LE(upstream_.allocations(), 12u);  // one for each class, of the first round
  EXPECT_THROW(static_cast<void>(pool.as_resource()->allocate(8, 4096)), std::bad_alloc);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SizedPoolTest, FR_39_buffers_may_end_on_another_thread) {
  sized_pool pool;
  auto buffer = pool.acquire(100);
  std::thread([moved = std::move(buffer)]() mutable { moved.release(); }).join();
  EXPECT_EQ(pool.stats().cross_thread_releases, 1u);
  pool.acquire(100).release();
  EXPECT_EQ(pool.stats().cross_thread_releases, 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SizedPoolTest, FR_40_memory_is_got_when_it_is_needed) {
  sized_pool pool{{}, &upstream_};
  EXPECT_EQ(upstream_.allocations(), 0u);
  auto small = pool.acquire(2000);
  const std::size_t capacity = small.capacity();
  small.resize(10);
  EXPECT_EQ(small.capacity(), capacity);
  small.release();
  EXPECT_EQ(pool.acquire(2000).capacity(), capacity);
  EXPECT_EQ(upstream_.allocations(), 1u);
}

// Monitoring, configuration, error handling, memory pressure, performance: the five
// points, each by what it takes.
TEST_F(SizedPoolTest, FR_41_in_production) {
  sized_pool pool{{.max_per_class = 16, .max_idle_bytes = 1 << 20}};
  { auto a = pool.acquire(300000), b = pool.acquire(400000), c = pool.acquire(200000); }
  EXPECT_GT(pool.stats().bytes_idle, 0u);
  EXPECT_FALSE(pool.try_acquire(0));
  EXPECT_GT(pool.trim(300000), 0u);  // under pressure, by the byte
  EXPECT_LE(pool.stats().bytes_idle, 300000u);
  EXPECT_GE(pool.stats().contended, 0u);
  EXPECT_EQ(pool.stats().contended == 0, pool.stats().wait_ns == 0);
}

}  // namespace
}  // namespace memoir
