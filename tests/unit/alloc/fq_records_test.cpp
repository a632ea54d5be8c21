// Batches of records, buffers lent in turn, and counters of the FASTQ module.

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "memoir/arena.h"
#include "memoir/buffer_stats.h"
#include "memoir/stream/fastq_record.h"
#include "memoir/stream/record_buffer.h"
#include "memoir/stream/round_robin_buffers.h"
#include "memoir/vector_pool.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

std::span<const std::byte> record_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

class RecordBufferTest : public ::testing::Test {
 protected:
  finding_log log_;
  failing_resource upstream_;
};

TEST_F(RecordBufferTest, FQ_21_of_fixed_capacity) {
  record_buffer<fastq_record> batch{3, &upstream_};
  EXPECT_EQ(batch.capacity(), 3u);
  EXPECT_EQ(upstream_.allocations(), 1u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(batch.try_push(fastq_record{}));
  EXPECT_EQ(upstream_.allocations(), 1u);
  upstream_.fail_after(0);
  EXPECT_THROW(record_buffer<int>(8, &upstream_), std::bad_alloc);
}

TEST_F(RecordBufferTest, FQ_22_what_does_not_fit_stays_with_the_caller) {
  record_buffer<std::string> batch{1};
  std::string kept(100, 'k');
  EXPECT_TRUE(batch.try_push(std::string("a")));
  EXPECT_FALSE(batch.try_push(std::move(kept)));
  EXPECT_EQ(kept.size(), 100u);
  const std::string copied = "c";
  EXPECT_FALSE(batch.try_push(copied));
  EXPECT_NO_FINDING(log_);
  static_cast<void>(batch.try_push(copied));
  EXPECT_ONE_FINDING(log_, finding::dropped_data, __LINE__ - 1);
}

TEST_F(RecordBufferTest, FQ_23_is_full) {
  record_buffer<int> batch{2};
  EXPECT_FALSE(batch.is_full());
  EXPECT_TRUE(batch.try_push(1));
  EXPECT_TRUE(batch.try_push(2));
  EXPECT_TRUE(batch.is_full());
  EXPECT_TRUE(record_buffer<int>{0}.is_full());
}

TEST_F(RecordBufferTest, FQ_24_drain_takes_all_and_leaves_room) {
  record_buffer<int> batch{4, &upstream_};
  std::pmr::vector<int> taken{&upstream_};
  taken.reserve(4);
  const std::size_t before = upstream_.allocations();
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(batch.try_push(i));
    batch.drain_into(taken);
    EXPECT_EQ(taken.size(), 4u);
    EXPECT_TRUE(batch.empty());
  }
  EXPECT_EQ(upstream_.allocations(), before);  // the two change places
  EXPECT_TRUE(batch.try_push(7));
  EXPECT_EQ(batch.drain(), (std::pmr::vector<int>{7}));
  EXPECT_TRUE(batch.try_push(8));
  std::pmr::vector<int> elsewhere;  // of another resource: moved one by one
  batch.drain_into(elsewhere);
  EXPECT_EQ(elsewhere, (std::pmr::vector<int>{8}));
  EXPECT_TRUE(batch.empty());
}

TEST_F(RecordBufferTest, FQ_25_clear) {
  record_buffer<int> batch{4};
  EXPECT_TRUE(batch.try_push(1));
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.capacity(), 4u);
}

TEST_F(RecordBufferTest, FQ_26_size) {
  record_buffer<int> batch{4};
  EXPECT_EQ(batch.size(), 0u);
  EXPECT_TRUE(batch.try_push(3));
  EXPECT_TRUE(batch.try_push(4));
  EXPECT_EQ(batch.size(), 2u);
  int sum = 0;
  for (const int one : batch) sum += one;
  EXPECT_EQ(sum, 7);
  EXPECT_EQ(batch.records()[1], 4);
}

class RoundRobinTest : public RecordBufferTest {};

TEST_F(RoundRobinTest, FQ_31_all_is_made_at_the_start) {
  {
    round_robin_buffers buffers{4, 100, reuse_policy::error, &upstream_};
    EXPECT_EQ(buffers.count(), 4u);
    EXPECT_EQ(buffers.buffer_size(), 100u);
    EXPECT_EQ(upstream_.allocations(), 1u);
    const std::size_t before = heap_allocations();
    for (int i = 0; i < 100; ++i) {
      auto buffer = buffers.get_next();
      buffer.resize(100);
      buffer.span()[99] = std::byte{1};
    }
    EXPECT_EQ(heap_allocations(), before);
    EXPECT_THROW(round_robin_buffers(0, 100), std::invalid_argument);
    EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
    upstream_.fail_after(0);
    EXPECT_THROW(round_robin_buffers(4, 100, reuse_policy::error, &upstream_),
                 std::bad_alloc);
  }
  EXPECT_EQ(upstream_.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(RoundRobinTest, FQ_32_in_turn_and_empty) {
  round_robin_buffers buffers{3, 8};
  std::vector<const std::byte*> first;
  for (int i = 0; i < 3; ++i) {
    auto buffer = buffers.get_next();
    EXPECT_TRUE(buffer.empty());
    EXPECT_EQ(buffer.append(record_bytes("0123456789")), 8u);
    first.push_back(buffer.span().data());
  }
  for (int i = 0; i < 3; ++i) {
    auto buffer = buffers.get_next();
    EXPECT_EQ(buffer.index(), static_cast<std::size_t>(i));
    EXPECT_EQ(buffer.space().data(), first[static_cast<std::size_t>(i)]);
    EXPECT_TRUE(buffer.empty());
  }
  EXPECT_NO_FINDING(log_);
}

// Corpus: the original clears and hands out what another is still using.
TEST_F(RoundRobinTest, corpus_19_a_buffer_still_lent_is_not_handed_out) {
  round_robin_buffers buffers{2, 8};
  auto held = buffers.get_next();
  EXPECT_EQ(held.append(record_bytes("held")), 4u);
  buffers.get_next().release();
  EXPECT_THROW(buffers.get_next(), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::recycled_while_leased, __LINE__ - 1);
  EXPECT_EQ(held.size(), 4u);
  EXPECT_EQ(held[0], std::byte{'h'});
  buffers.get_next().release();
  EXPECT_EQ(buffers.try_get_next().error(), errc::pool_exhausted);
  EXPECT_ONE_FINDING(log_, finding::recycled_while_leased, __LINE__ - 1);
}

TEST_F(RoundRobinTest, FQ_32_skip_passes_over_what_is_lent) {
  round_robin_buffers buffers{3, 8, reuse_policy::skip};
  auto held = buffers.get_next();
  for (int i = 0; i < 6; ++i) EXPECT_NE(buffers.get_next().index(), held.index());
  EXPECT_GT(buffers.skipped(), 0u);
  EXPECT_NO_FINDING(log_);
  auto second = buffers.get_next();
  auto third = buffers.get_next();
  EXPECT_EQ(buffers.leased(), 3u);
  EXPECT_FALSE(buffers.try_get_next());
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(buffers.get_next(), pool_exhausted);
  EXPECT_ONE_FINDING(log_, finding::pool_exhausted, __LINE__ - 1);
}

TEST_F(RoundRobinTest, FQ_32_wait_waits) {
  round_robin_buffers buffers{1, 8, reuse_policy::wait};
  auto held = buffers.get_next();
  std::thread other([&] {
    auto buffer = buffers.get_next();
    EXPECT_EQ(buffer.append(record_bytes("b")), 1u);
  });
  EXPECT_EQ(held.append(record_bytes("a")), 1u);
  held.release();
  other.join();
  EXPECT_EQ(buffers.leased(), 0u);
  EXPECT_NO_FINDING(log_);
  held = buffers.get_next();
  EXPECT_EQ(buffers.get_next_for(std::chrono::milliseconds{1}).error(), errc::timeout);
  EXPECT_ONE_FINDING(log_, finding::lease_timeout, __LINE__ - 1);
}

TEST_F(RoundRobinTest, FQ_32_writes_after_its_return_are_told) {
  round_robin_buffers buffers{1, 20};
  auto buffer = buffers.get_next();
  std::byte* old = buffer.space().data();
  buffer.release();
  EXPECT_FALSE(buffer.valid());
  if constexpr (is_tracking) old[3] = std::byte{1};
  buffer = buffers.get_next();
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
  if constexpr (is_tracking) buffer.space().data()[20] = std::byte{1};
  buffer.release();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(RoundRobinTest, FQ_32_bounds) {
  round_robin_buffers buffers{1, 20};
  auto buffer = buffers.get_next();
  EXPECT_THROW(buffer.resize(21), std::length_error);
  EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
  buffer.resize(3);
  EXPECT_THROW(buffer[3], std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(RoundRobinTest, BuffersMayOutliveTheSet) {
  round_robin_buffer held;
  unsigned line = 0;
  {
    line = __LINE__ + 1;
    round_robin_buffers buffers{2, 8, reuse_policy::error, &upstream_};
    held = buffers.get_next();
  }
  EXPECT_ONE_FINDING(log_, finding::pool_destroyed_with_live_blocks, line);
  EXPECT_EQ(held.append(record_bytes("still")), 5u);
  held.release();
  EXPECT_EQ(upstream_.live_blocks(), 0u);
}

TEST_F(RoundRobinTest, FQ_P3_no_allocation_after_the_start) {
  round_robin_buffers buffers{16, 4096, reuse_policy::error, &upstream_};
  EXPECT_GE(upstream_.live_bytes(), 16u * 4096);
  for (int i = 0; i < 1000; ++i) buffers.get_next().resize(4096);
  EXPECT_EQ(upstream_.allocations(), 1u);
}

// The same thousand pieces from a small arena that is reset often, and from a large one
// that is not: what differs is the memory they need.
TEST_F(RoundRobinTest, FQ_P4_resets_for_memory) {
  std::size_t last_bytes = 0;
  for (const std::size_t between : {10u, 100u, 1000u}) {
    arena scratch{between * 320, {}, &upstream_};
    for (std::size_t i = 0; i < 1000; ++i) {
      if (i % between == 0) scratch.reset();
      EXPECT_TRUE(scratch.try_allocate(256)) << between << " " << i;
    }
    EXPECT_GT(upstream_.live_bytes(), last_bytes);
    last_bytes = upstream_.live_bytes();
  }
  EXPECT_EQ(upstream_.allocations(), 3u);
  EXPECT_NO_FINDING(log_);
}

class BufferStatsTest : public RecordBufferTest {};

TEST_F(BufferStatsTest, FQ_37_counts_from_all_threads) {
  buffer_stats stats;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        stats.record_allocation(10);
        stats.record_deallocation(10);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const buffer_usage usage = stats.snapshot();
  EXPECT_EQ(usage.allocations, 4000u);
  EXPECT_EQ(usage.deallocations, 4000u);
  EXPECT_EQ(usage.total_bytes, 0u);
  EXPECT_GE(usage.peak_bytes, 10u);
  EXPECT_LE(usage.peak_bytes, 40u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferStatsTest, FQ_37_pools_speak_of_it_too) {
  vector_pool<> pool{64, 1};
  auto a = pool.acquire();
  auto b = pool.acquire();
  a.release();
  b.release();
  const buffer_usage usage = pool.usage();
  EXPECT_EQ(usage.allocations, 2u);
  EXPECT_EQ(usage.deallocations, 1u);
  EXPECT_EQ(usage.total_bytes, 64u);
  EXPECT_EQ(usage.peak_bytes, 128u);
}

TEST_F(BufferStatsTest, FQ_38_allocations_raise_the_peak) {
  buffer_stats stats;
  stats.record_allocation(100);
  stats.record_allocation(50);
  stats.record_deallocation(100);
  stats.record_allocation(20);
  EXPECT_EQ(stats.snapshot().peak_bytes, 150u);
  EXPECT_EQ(stats.snapshot().total_bytes, 70u);
}

TEST_F(BufferStatsTest, FQ_39_never_below_zero) {
  buffer_stats stats;
  stats.record_allocation(5);
  stats.record_deallocation(5);
  EXPECT_NO_FINDING(log_);
  stats.record_deallocation(5);
  EXPECT_ONE_FINDING(log_, finding::stats_underflow, __LINE__ - 1);
  EXPECT_EQ(stats.snapshot().total_bytes, 0u);
}

// Corpus: one bad call makes the original say 2^64 - 5.
TEST_F(BufferStatsTest, corpus_20_more_freed_than_there_is) {
  buffer_stats stats;
  stats.record_allocation(10);
  stats.record_deallocation(15);
  EXPECT_ONE_FINDING(log_, finding::stats_underflow, __LINE__ - 1);
  EXPECT_EQ(stats.snapshot().total_bytes, 0u);
  stats.record_allocation(7);
  EXPECT_EQ(stats.snapshot().total_bytes, 7u);
}

}  // namespace
}  // namespace memoir
