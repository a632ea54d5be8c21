// Lent buffers: PooledBuffer of frd-pu.

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "memoir/sized_pool.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

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

}  // namespace
}  // namespace memoir
