// One batch is filled while another is read: DoubleBuffer of the FASTQ module.

#include <chrono>
#include <limits>
#include <memory_resource>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "memoir/stream/double_buffer.h"
#include "memoir/stream/fastq_record.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

class DoubleBufferTest : public ::testing::Test {
 protected:
  void publish(int item) {
    auto batch = buffers_.begin_write();
    batch.push(item);
    std::move(batch).publish();
  }
  finding_log log_;
  double_buffer<int> buffers_{4};
};

TEST_F(DoubleBufferTest, FQ_27_reads_while_another_writes) {
  publish(1);
  auto reading = buffers_.read_next();
  auto writing = buffers_.begin_write();
  writing.push(2);
  EXPECT_EQ(reading->items()[0], 1);
  EXPECT_EQ(writing.size(), 1u);
  EXPECT_FALSE(writing.try_publish());  // its half is not free
  reading.reset();
  EXPECT_TRUE(writing.try_publish());
  EXPECT_EQ(buffers_.read_next()->items()[0], 2);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DoubleBufferTest, FQ_28_the_batch_to_write_is_empty) {
  for (int i = 0; i < 5; ++i) {
    auto batch = buffers_.begin_write();
    EXPECT_TRUE(batch.empty());
    for (int item = 0; item < 4; ++item) batch.push(item);
    EXPECT_TRUE(batch.is_full());
    EXPECT_FALSE(batch.try_push(9));
    EXPECT_THROW(batch.push(9), std::length_error);
    EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
    std::move(batch).publish();
    EXPECT_EQ(buffers_.read_next()->size(), 4u);
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(DoubleBufferTest, FQ_28_one_writer_at_a_time) {
  auto batch = buffers_.begin_write();
  EXPECT_THROW(static_cast<void>(buffers_.begin_write()), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::publish_overlap, __LINE__ - 1);
  batch.push(1);
  std::thread([&] { batch.push(2); }).join();
  const auto found = log_.take();
  EXPECT_EQ(found.size(), is_tracking ? 1u : 0u);
  for (const auto& one : found) EXPECT_EQ(one.kind, finding::unsynchronized_use);
  std::move(batch).publish();
  log_.take();
}

TEST_F(DoubleBufferTest, FQ_28_what_is_not_published_is_told) {
  std::optional batch{buffers_.begin_write()};
  batch->push(1);
  {
    site_scope scope;
    batch.reset();
  }
  EXPECT_ONE_FINDING(log_, finding::dropped_data, __LINE__ - 3);
  auto next = buffers_.begin_write();  // the session has ended
  next.push(1);
  next.clear();
}

TEST_F(DoubleBufferTest, FQ_29_publish_numbers_batches) {
  for (int i = 0; i < 3; ++i) {
    auto batch = buffers_.begin_write();
    batch.push(i);
    EXPECT_EQ(std::move(batch).publish(), static_cast<std::uint64_t>(i + 1));
    const auto read = buffers_.read_next();
    EXPECT_EQ(read->sequence(), static_cast<std::uint64_t>(i + 1));
  }
}

TEST_F(DoubleBufferTest, FQ_29_the_latest_overwrites_what_nobody_read) {
  publish(1);
  auto batch = buffers_.begin_write();
  batch.push(2);
  EXPECT_EQ(std::move(batch).publish_latest(), 2u);
  const auto read = buffers_.read_next();
  EXPECT_EQ(read->items()[0], 2);
  EXPECT_EQ(read->sequence(), 2u);
  EXPECT_EQ(buffers_.stats().overwritten, 1u);
  EXPECT_EQ(buffers_.stats().dropped_items, 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DoubleBufferTest, FQ_30_each_batch_is_read_once) {
  publish(1);
  EXPECT_EQ(buffers_.read_next()->items()[0], 1);
  EXPECT_EQ(buffers_.read_next_for(std::chrono::milliseconds{1}).error(), errc::timeout);
  publish(2);
  buffers_.close();
  EXPECT_EQ(buffers_.read_next_for(std::chrono::seconds{10}).value().items()[0], 2);
  EXPECT_FALSE(buffers_.read_next());
  EXPECT_EQ(buffers_.read_next_for(std::chrono::seconds{10}).error(), errc::disposed);
  EXPECT_TRUE(buffers_.closed());
  EXPECT_NO_FINDING(log_);
}

TEST_F(DoubleBufferTest, FQ_30_one_reader_at_a_time) {
  publish(1);
  const auto reading = buffers_.read_next();
  EXPECT_THROW(static_cast<void>(buffers_.read_next()), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::publish_overlap, __LINE__ - 1);
}

// Corpus: the original swaps under its readers and writers, and shows batches twice or
// never: after push 1, swap, push 2, swap, push 3, swap its reader sees [1, 3].
TEST_F(DoubleBufferTest, corpus_16_swap_under_a_reader_or_writer_is_refused) {
  publish(1);
  {
    const auto reading = buffers_.read_next();
    EXPECT_THROW(buffers_.swap(), std::logic_error);
    EXPECT_ONE_FINDING(log_, finding::publish_overlap, __LINE__ - 1);
    EXPECT_EQ(reading->items()[0], 1);
  }
  {
    auto writing = buffers_.begin_write();
    EXPECT_THROW(buffers_.swap(), std::logic_error);
    EXPECT_ONE_FINDING(log_, finding::publish_overlap, __LINE__ - 1);
  }
  buffers_.swap();
  EXPECT_NO_FINDING(log_);
}

TEST_F(DoubleBufferTest, corpus_16_batches_are_neither_stale_nor_lost) {
  std::vector<int> seen;
  for (const int item : {1, 2, 3}) {
    publish(item);
    const auto read = buffers_.read_next();
    seen.insert(seen.end(), read->begin(), read->end());
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
  publish(4);
  buffers_.swap();  // the half it gives away was filled and never read
  EXPECT_ONE_FINDING(log_, finding::dropped_data, __LINE__ - 1);
}

TEST_F(DoubleBufferTest, FQ_E3_double_buffer_io) {
  double_buffer<fastq_record> buffers{100};
  std::thread producer([&] {
    for (int i = 0; i < 2500;) {
      auto batch = buffers.begin_write();
      for (; i < 2500 && !batch.is_full(); ++i) {
        batch.push({"read" + std::to_string(i), "", "ACGT", "!!!!"});
      }
      std::move(batch).publish();
    }
    buffers.close();
  });
  int expected = 0;
  while (const auto batch = buffers.read_next()) {
    for (const fastq_record& record : *batch) {
      EXPECT_EQ(record.id, "read" + std::to_string(expected));
      ++expected;
    }
  }
  producer.join();
  EXPECT_EQ(expected, 2500);
  EXPECT_EQ(buffers.stats().published, 25u);
  EXPECT_EQ(buffers.stats().read, 25u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DoubleBufferTest, FQ_P5_waits_are_measured) {
  std::thread reader([&] {
    while (const auto batch = buffers_.read_next()) {
    }
  });
  // The reader may or may not have to wait; what is counted is of this buffer alone.
  publish(1);
  buffers_.close();
  reader.join();
  const double_buffer_stats stats = buffers_.stats();
  EXPECT_EQ(stats.read, 1u);
  EXPECT_EQ(stats.writer_wait_ns, 0u);  // nobody was in its way
}

TEST_F(DoubleBufferTest, FQ_27_writes_beside_a_batch_are_told_when_it_is_published) {
  if constexpr (!is_tracking) GTEST_SKIP() << "there are no redzones";
  publish(1);
  int* first = buffers_.read_next()->items().data();
  publish(2);
  EXPECT_NO_FINDING(log_);
  auto batch = buffers_.begin_write();
  batch.push(3);
  first[4] = 1;
  const auto reading = buffers_.read_next();
  EXPECT_FALSE(batch.try_publish());
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  EXPECT_FALSE(batch.try_publish());
  EXPECT_NO_FINDING(log_);
  batch.clear();
}

TEST_F(DoubleBufferTest, FQ_30_writes_beside_a_batch_are_told_when_it_was_read) {
  if constexpr (!is_tracking) GTEST_SKIP() << "there are no redzones";
  publish(1);
  std::optional reading{buffers_.read_next()};
  reading->items().data()[-1] = 1;
  {
    site_scope scope;
    reading.reset();
  }
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 3);
}

TEST_F(DoubleBufferTest, FQ_27_writes_beside_a_batch_are_told_with_where_it_was_made) {
  if constexpr (!is_tracking) GTEST_SKIP() << "there are no redzones";
  double_buffer<char> buffers{40};
  const unsigned made = __LINE__ - 1;
  auto batch = buffers.begin_write();
  batch.push('a');
  EXPECT_EQ(std::move(batch).publish(), 1u);
  buffers.read_next()->items().data()[-3] = 1;
  const auto found = log_.take();  // the reader ended
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, finding::pool_overflow);
  EXPECT_EQ(found[0].allocated.line, made);
  EXPECT_EQ(found[0].text, "written 3 bytes before a block of 40 bytes");
  EXPECT_EQ(buffers.verify(), 0u);
}

// Elements are made as those of a std::pmr::vector, and end once each.
TEST_F(DoubleBufferTest, FQ_27_elements_begin_and_end_once) {
  failing_resource upstream;
  {
    double_buffer<std::pmr::string> buffers{4, &upstream};
    for (int i = 0; i < 3; ++i) {
      auto batch = buffers.begin_write();
      batch.push(std::pmr::string(100, 'a'));
      batch.push(std::pmr::string(100, 'b'));
      std::move(batch).publish();
      auto read = buffers.read_next();
      EXPECT_EQ(read->items()[1].get_allocator().resource(), &upstream);
      EXPECT_EQ(read->items()[1], std::pmr::string(100, 'b'));
    }
    EXPECT_EQ(upstream.live_blocks(), 6u);
  }
  EXPECT_EQ(upstream.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DoubleBufferTest, FQ_27_more_than_any_memory_holds) {
  const std::size_t most = std::numeric_limits<std::size_t>::max() / 2;
  EXPECT_THROW(double_buffer<int>{most}, std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
}

TEST_F(DoubleBufferTest, NoAllocationPerBatch) {
  failing_resource upstream;
  double_buffer<int> buffers{16, &upstream};
  EXPECT_EQ(upstream.allocations(), 2u);
  const std::size_t before = heap_allocations();
  for (int i = 0; i < 100; ++i) {
    auto batch = buffers.begin_write();
    for (int item = 0; item < 16; ++item) batch.push(item);
    std::move(batch).publish();
    EXPECT_EQ(buffers.read_next()->size(), 16u);
  }
  EXPECT_EQ(heap_allocations(), before);
  EXPECT_EQ(upstream.allocations(), 2u);
  for (const std::size_t n : {0u, 1u}) {
    upstream.fail_after(n);
    EXPECT_THROW(double_buffer<int>(16, &upstream), std::bad_alloc);
    EXPECT_EQ(upstream.live_blocks(), 2u);
  }
}

}  // namespace
}  // namespace memoir
