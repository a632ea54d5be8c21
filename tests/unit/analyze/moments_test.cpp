#include "analyze/moments.h"

#include <gtest/gtest.h>

#include <map>
#include <unordered_map>

#include "support/event_model.h"
#include "support/event_trace.h"
#include "support/scratch_file.h"

namespace memoir {
namespace {

class Moments : public testing::Test {
 protected:
  void record(std::size_t count, std::size_t per_chunk) {
    events_ = EventMaker(7).make(count);
    write_events(file_.path(), events_, per_chunk);
    model_ = std::make_unique<EventModel>(events_);
    index_ = std::make_unique<EventIndex>(file_.path(), ProcessId{1});
    index_->update();
  }
  std::vector<std::uint64_t> some_moments(std::size_t per_chunk) const {
    std::vector<std::uint64_t> moments = {0,
                                          1,
                                          per_chunk - 1,
                                          per_chunk,
                                          per_chunk + 1,
                                          3 * per_chunk,
                                          events_.size() - 1,
                                          events_.size(),
                                          events_.size() + 5};
    std::mt19937_64 random(3);
    for (int i = 0; i < 30; ++i) moments.push_back(random() % events_.size());
    return moments;
  }

  ScratchFile file_;
  std::vector<TraceEvent> events_;
  std::unique_ptr<EventModel> model_;
  std::unique_ptr<EventIndex> index_;
};

TEST_F(Moments, KnowsTheBlocksOfAnyMoment) {
  constexpr std::size_t kPerChunk = 1000;
  record(100'300, kPerChunk);
  for (const std::uint64_t moment : some_moments(kPerChunk)) {
    SCOPED_TRACE(moment);
    const std::vector<TracedBlock> expected = model_->live_at(moment);
    const std::vector<TracedBlock> blocks = blocks_at(*index_, moment);
    ASSERT_EQ(blocks.size(), expected.size());
    EXPECT_EQ(blocks, expected);
    std::map<std::uint32_t, StackLive> stacks;
    StackLive total;
    for (const TracedBlock& block : expected) {
      for (StackLive* live : {&total, &stacks[block.stack]}) {
        ++live->blocks;
        live->bytes += block.size;
      }
    }
    const HeapMoment heap = heap_at(*index_, moment);
    EXPECT_EQ(heap.moment, std::min<std::uint64_t>(moment, events_.size()));
    EXPECT_EQ(heap.blocks, total.blocks);
    EXPECT_EQ(heap.bytes, total.bytes);
    ASSERT_EQ(heap.stacks.size(), stacks.size());
    for (const auto& [stack, live] : heap.stacks) EXPECT_EQ(live, stacks[stack]);
  }
}

TEST_F(Moments, KnowsWhatHappenedBetweenTwo) {
  constexpr std::size_t kPerChunk = 777;
  record(60'000, kPerChunk);
  const std::vector<std::uint64_t> moments = some_moments(kPerChunk);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const std::uint64_t begin = std::min(moments[i], moments[(i + 7) % moments.size()]);
    const std::uint64_t end = std::min<std::uint64_t>(
        std::max(moments[i], moments[(i + 7) % moments.size()]), events_.size());
    SCOPED_TRACE(std::to_string(begin) + ".." + std::to_string(end));
    const auto expected = model_->between(begin, end);
    const HeapRange range = heap_between(*index_, begin, end);
    ASSERT_EQ(range.stacks.size(), expected.size());
    StackChange total;
    for (const auto& [stack, change] : range.stacks) {
      const StackChange& right = expected.at(stack);
      EXPECT_EQ(change.flow, right.flow) << stack;
      EXPECT_EQ(change.grown, right.grown) << stack;
      total.flow.add(right.flow);
      total.grown.blocks += right.grown.blocks;
      total.grown.bytes += right.grown.bytes;
    }
    EXPECT_EQ(range.total.flow, total.flow);
    EXPECT_EQ(range.total.grown, total.grown);
  }
}

TEST_F(Moments, SumUpToTheTotalsAndThePeak) {
  record(50'000, 4096);
  const EventIndex::View view = index_->view();
  const HeapRange all = heap_between(*index_, 0, events_.size());
  EXPECT_EQ(all.total.flow.allocations, view->totals.allocations);
  EXPECT_EQ(all.total.flow.allocated_bytes, view->totals.allocated_bytes);
  EXPECT_EQ(all.total.flow.frees, view->totals.frees);
  EXPECT_EQ(all.total.flow.temporary, view->totals.temporary);
  EXPECT_GT(view->totals.temporary, 0U);
  EXPECT_EQ(all.total.grown.bytes, view->totals.live_bytes);
  std::uint64_t live = 0, peak = 0, peak_moment = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> sizes;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const TraceEvent& event = events_[i];
    const bool frees = event.kind == TraceEventKind::kFree;
    const std::uint64_t gone = frees ? event.address : event.old_address;
    if (gone != 0) live -= std::exchange(sizes[gone], 0);
    if (!frees) live += sizes[event.address] = event.size;
    if (live > peak) peak = live, peak_moment = i + 1;
  }
  EXPECT_EQ(view->peak.bytes, peak);
  EXPECT_EQ(view->peak.moment, peak_moment);
  EXPECT_EQ(heap_at(*index_, view->peak.moment).bytes, peak);
}

TEST_F(Moments, AreFoundByTime) {
  record(10'000, 1000);
  const EventIndex::View view = index_->view();
  EXPECT_EQ(view.moment_at(0), 0U);
  EXPECT_EQ(view.moment_at(events_.back().t), events_.size());
  for (std::uint64_t moment = 1; moment < events_.size(); moment += 97) {
    const std::uint64_t t = view.time_of(moment);
    EXPECT_EQ(t, events_[moment - 1].t);
    const std::uint64_t found = view.moment_at(t);
    EXPECT_GE(found, moment);
    EXPECT_GT(events_[std::min<std::size_t>(found, events_.size() - 1)].t, t);
  }
}

}  // namespace
}  // namespace memoir
