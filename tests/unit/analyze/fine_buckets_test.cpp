#include "analyze/fine_buckets.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/event_model.h"
#include "support/event_trace.h"
#include "support/scratch_file.h"

namespace memoir {
namespace {

class FineBucketsTest : public testing::Test {
 protected:
  struct Heap {
    std::uint64_t bytes = 0, blocks = 0;
  };

  void record(std::size_t count, std::size_t per_chunk) {
    events_ = EventMaker(11).make(count);
    write_events(file_.path(), events_, per_chunk);
    index_ = std::make_unique<EventIndex>(file_.path(), ProcessId{1});
    index_->update();
    const EventModel model(events_);
    std::vector<std::int64_t> bytes(count), blocks(count);
    for (const TracedBlock& block : model.blocks()) {
      bytes[block.seq] += static_cast<std::int64_t>(block.size);
      ++blocks[block.seq];
      if (block.is_leaked()) continue;
      bytes[block.free_seq] -= static_cast<std::int64_t>(block.size);
      --blocks[block.free_seq];
    }
    Heap heap;
    for (std::size_t i = 0; i < count; ++i) {
      heap.bytes += static_cast<std::uint64_t>(bytes[i]);
      heap.blocks += static_cast<std::uint64_t>(blocks[i]);
      after_.push_back(heap);
    }
  }

  ScratchFile file_;
  std::vector<TraceEvent> events_;
  std::vector<Heap> after_;  // each event
  std::unique_ptr<EventIndex> index_;
};

TEST_F(FineBucketsTest, OneEventIsOneStep) {
  record(5'000, 700);
  const auto steps = fine_buckets(*index_, 0, events_.size(), 1);
  ASSERT_EQ(steps.size(), events_.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_EQ(steps[i].t0, events_[i].t);
    ASSERT_EQ(steps[i].t1, events_[i].t);
    ASSERT_EQ(steps[i].live_end, after_[i].bytes);
    ASSERT_EQ(steps[i].live_min, after_[i].bytes);
    ASSERT_EQ(steps[i].live_max, after_[i].bytes);
    ASSERT_EQ(steps[i].blocks_end, after_[i].blocks);
    const bool makes = events_[i].kind != TraceEventKind::kFree;
    ASSERT_EQ(steps[i].allocations, makes ? 1U : 0U);
    ASSERT_EQ(steps[i].allocated_bytes, makes ? events_[i].size : 0U);
    ASSERT_EQ(steps[i].frees, events_[i].kind == TraceEventKind::kAlloc ? 0U : 1U);
  }
}

// From the middle of one chunk to the middle of another, with a rest at the end.
TEST_F(FineBucketsTest, SeveralEventsAreBetweenTheirBounds) {
  record(5'000, 700);
  constexpr std::size_t kBegin = 1'234, kEnd = 3'300, kPer = 64;
  const auto buckets = fine_buckets(*index_, kBegin, kEnd, kPer);
  ASSERT_EQ(buckets.size(), (kEnd - kBegin + kPer - 1) / kPer);
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const std::size_t first = kBegin + i * kPer, end = std::min(first + kPer, kEnd);
    std::uint64_t least = ~std::uint64_t{0}, most = 0;
    for (std::size_t event = first; event < end; ++event) {
      least = std::min(least, after_[event].bytes);
      most = std::max(most, after_[event].bytes);
    }
    ASSERT_EQ(buckets[i].live_min, least);
    ASSERT_EQ(buckets[i].live_max, most);
    ASSERT_EQ(buckets[i].live_end, after_[end - 1].bytes);
    ASSERT_EQ(buckets[i].t0, events_[first].t);
    ASSERT_EQ(buckets[i].t1, events_[end - 1].t);
  }
}

TEST_F(FineBucketsTest, NothingIsBetweenOneMomentAndItself) {
  record(100, 50);
  EXPECT_TRUE(fine_buckets(*index_, 10, 10, 1).empty());
  EXPECT_TRUE(fine_buckets(*index_, 20, 10, 1).empty());
  EXPECT_TRUE(fine_buckets(*index_, 100, 1'000, 1).empty());
  EXPECT_EQ(fine_buckets(*index_, 90, 1'000, 0).size(), 10U);
}

TEST_F(FineBucketsTest, ATimelineOfFewEventsHasEachOfThem) {
  record(200, 100);
  Database database(file_.path(), Database::Mode::kReadOnly);
  const Timeline timeline = load_fine_timeline(file_.path(), database, std::nullopt);
  EXPECT_EQ(timeline.end(), events_.back().t);
  const auto points = timeline.points(0, timeline.end(), 1'000);
  ASSERT_EQ(points.size(), 200U);
  EXPECT_EQ(points[77].live_end, after_[77].bytes);
  // Fewer columns than events: nothing is lost.
  const auto columns = timeline.points(0, timeline.end(), 20);
  ASSERT_LE(columns.size(), 20U);
  std::uint64_t most = 0, frees = 0, all_frees = 0;
  for (const TimelinePoint& column : columns) {
    most = std::max(most, column.live_max);
    frees += column.frees;
  }
  std::uint64_t peak = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    peak = std::max(peak, after_[i].bytes);
    if (events_[i].kind != TraceEventKind::kAlloc) ++all_frees;
  }
  EXPECT_EQ(most, peak);
  EXPECT_EQ(frees, all_frees);
}

TEST_F(FineBucketsTest, BetweenTwoEventsTheHeapIsAsTheFirstLeftIt) {
  record(200, 100);
  Database database(file_.path(), Database::Mode::kReadOnly);
  const Timeline timeline = load_fine_timeline(file_.path(), database, ProcessId{1});
  std::size_t i = 50;
  while (events_[i + 1].t < events_[i].t + 10) ++i;
  const auto points = timeline.points(events_[i].t + 2, events_[i + 1].t - 2, 100);
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].t0, events_[i].t + 2);
  EXPECT_EQ(points[0].live_end, after_[i].bytes);
  EXPECT_EQ(points[0].allocations, 0U);
  EXPECT_TRUE(timeline.points(0, events_[0].t - 1, 100).empty());
}

TEST_F(FineBucketsTest, ATimelineOfManyEventsStaysAsItIs) {
  record(3'000, 1'000);
  Database database(file_.path(), Database::Mode::kReadOnly);
  const Timeline timeline =
      load_fine_timeline(file_.path(), database, std::nullopt, {}, 2'999);
  EXPECT_TRUE(timeline.points(0, ~std::uint64_t{0}, 100).empty());  // none was written
}

TEST_F(FineBucketsTest, ThereAreNeverTooManyBuckets) {
  EXPECT_EQ(events_per_bucket(0), 1U);
  EXPECT_EQ(events_per_bucket(16'384), 1U);
  EXPECT_EQ(events_per_bucket(16'385), 2U);
  EXPECT_EQ(events_per_bucket(1'000'000), 62U);
}

}  // namespace
}  // namespace memoir
