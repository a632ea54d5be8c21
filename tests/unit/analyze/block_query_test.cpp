#include "analyze/block_query.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>
#include <thread>

#include "analyze/block_life.h"
#include "analyze/heap_map.h"
#include "analyze/histograms.h"
#include "support/event_model.h"
#include "support/event_trace.h"
#include "support/scratch_file.h"

namespace memoir {
namespace {

class Blocks : public testing::Test {
 protected:
  void SetUp() override {
    events_ = EventMaker(23).make(40'000);
    write_events(file_.path(), events_, 1'500);
    model_ = std::make_unique<EventModel>(events_);
    index_ = std::make_unique<EventIndex>(file_.path(), ProcessId{1});
    index_->update();
  }
  std::uint64_t end_time() const { return index_->view()->end_time; }

  // All blocks for which `is_in` holds, by time.
  std::vector<TracedBlock> expected(
      const std::function<bool(const TracedBlock&)>& is_in) const {
    std::vector<TracedBlock> blocks;
    std::copy_if(model_->blocks().begin(), model_->blocks().end(),
                 std::back_inserter(blocks), is_in);
    return blocks;
  }
  void check(const BlockFilter& filter,
             const std::function<bool(const TracedBlock&)>& is_in) const {
    BlockQuery query;
    query.filter = filter;
    query.order = BlockOrder::kTime;
    query.descending = false;
    const std::vector<TracedBlock> right = expected(is_in);
    EXPECT_FALSE(right.empty());
    EXPECT_LT(right.size(), model_->blocks().size());
    for (const unsigned threads : {1U, 3U}) {
      const FoundBlocks found = find_blocks(*index_, query, {}, threads);
      EXPECT_EQ(found.blocks, right);
      EXPECT_EQ(found.count, right.size());
    }
  }

  ScratchFile file_;
  std::vector<TraceEvent> events_;
  std::unique_ptr<EventModel> model_;
  std::unique_ptr<EventIndex> index_;
};

TEST_F(Blocks, AreFoundByEachCondition) {
  const std::uint64_t end = end_time();
  BlockFilter filter;
  filter.size = {100, 500};
  check(filter, [](const TracedBlock& b) { return b.size >= 100 && b.size <= 500; });
  filter = {};
  filter.life = {0, 1'000'000};
  check(filter, [&](const TracedBlock& b) { return b.life(end) <= 1'000'000; });
  filter = {};
  filter.made = {events_[3'000].t, events_[20'000].t};
  check(filter, [&](const TracedBlock& b) {
    return b.t >= events_[3'000].t && b.t <= events_[20'000].t;
  });
  filter = {};
  filter.freed = {events_[3'000].t, events_[20'000].t};
  check(filter, [&](const TracedBlock& b) {
    return b.free_t >= events_[3'000].t && b.free_t <= events_[20'000].t;
  });
  filter = {};
  filter.threads = {1, 3};
  check(filter, [](const TracedBlock& b) { return b.thread != 2; });
  auto stacks = std::make_shared<StackSet>();
  stacks->add(2);
  stacks->add(7);
  filter = {};
  filter.stacks = stacks;
  check(filter, [](const TracedBlock& b) { return b.stack == 2 || b.stack == 7; });
  for (const bool yes : {true, false}) {
    filter = {};
    filter.leaked = yes;
    check(filter, [&](const TracedBlock& b) { return b.is_leaked() == yes; });
    filter = {};
    filter.temporary = yes;
    check(filter, [&](const TracedBlock& b) { return b.temporary == yes; });
  }
  const TracedBlock& some = model_->blocks()[500];
  filter = {};
  filter.address = some.address + some.size - 1;
  check(filter, [&](const TracedBlock& b) {
    return *filter.address >= b.address && *filter.address < b.address + b.size;
  });
}

TEST_F(Blocks, ComeInTheOrderThatIsAskedFor) {
  for (const BlockOrder order : {BlockOrder::kTime, BlockOrder::kSize, BlockOrder::kLife,
                                 BlockOrder::kAddress, BlockOrder::kStack}) {
    for (const bool descending : {true, false}) {
      std::vector<TracedBlock> right = model_->blocks();
      sort_blocks(right, order, descending, end_time());
      BlockQuery query;
      query.order = order;
      query.descending = descending;
      EXPECT_EQ(find_blocks(*index_, query).blocks, right);
      // Fewer than there are: the first ones, and a count of all.
      query.most = 700;
      const FoundBlocks cut = find_blocks(*index_, query, {}, 2);
      EXPECT_TRUE(cut.is_cut());
      EXPECT_EQ(cut.count, right.size());
      right.resize(700);
      EXPECT_EQ(cut.blocks, right);
    }
  }
}

TEST_F(Blocks, AreFoundBetweenMoments) {
  BlockQuery query;
  query.order = BlockOrder::kTime;
  query.descending = false;
  query.begin = 1'700;
  query.end = 9'001;
  EXPECT_EQ(find_blocks(*index_, query).blocks, expected([](const TracedBlock& b) {
              return b.seq >= 1'700 && b.seq < 9'001;
            }));
  query.filter.leaked = true;
  EXPECT_EQ(find_blocks(*index_, query).blocks, expected([](const TracedBlock& b) {
              return b.is_leaked() && b.seq >= 1'700 && b.seq < 9'001;
            }));
}

TEST_F(Blocks, HaveHistograms) {
  for (const auto& [begin, end] :
       {std::pair<std::uint64_t, std::uint64_t>{0, 40'000}, {1'234, 30'001}}) {
    Histograms right;
    for (const TracedBlock& block : model_->blocks()) {
      const auto count = [&](Histogram& histogram, std::uint64_t value) {
        HistogramBucket& bucket =
            histogram[static_cast<std::size_t>(std::bit_width(value))];
        ++bucket.blocks;
        bucket.bytes += block.size;
      };
      if (block.seq >= begin && block.seq < end) count(right.sizes, block.size);
      if (block.free_seq >= begin && block.free_seq < end) {
        count(right.lifetimes, block.free_t - block.t);
      }
    }
    const Histograms found = count_histograms(*index_, begin, end, {}, {}, 2);
    EXPECT_EQ(found.sizes, right.sizes);
    EXPECT_EQ(found.lifetimes, right.lifetimes);
    ASSERT_EQ(found.top_sizes.size(), 20U);
    EXPECT_GE(found.top_sizes[0].blocks, found.top_sizes[1].blocks);
  }
}

TEST_F(Blocks, FormAMap) {
  const std::uint64_t moment = 25'000;
  std::vector<TracedBlock> live = model_->live_at(moment);
  std::sort(live.begin(), live.end(), [](const TracedBlock& a, const TracedBlock& b) {
    return a.address < b.address;
  });
  const HeapMap map = HeapMap::make(*index_, moment);
  ASSERT_EQ(map.blocks(), live.size());
  std::uint64_t bytes = 0;
  for (const TracedBlock& block : live) bytes += block.size;
  EXPECT_EQ(map.live_bytes(), bytes);
  const TracedBlock& some = live[live.size() / 2];
  EXPECT_EQ(map.block_at(some.address), some);
  EXPECT_EQ(map.block_at(some.address + some.size - 1), some);
  EXPECT_EQ(map.around(some.address, 2).size(), 4U);
  EXPECT_FALSE(map.block_at(1));
  std::uint64_t in_regions = 0;
  for (const HeapRegion& region : map.regions()) {
    in_regions += region.live_bytes;
    std::uint64_t holes = 0;
    for (const HeapRegion::Holes& bucket : region.by_size) holes += bucket.bytes;
    EXPECT_EQ(holes, region.holes.bytes);
  }
  EXPECT_EQ(in_regions, bytes);

  // Cell by cell, of a window that begins and ends inside of blocks.
  const std::uint64_t begin = live[3].address + 1,
                      end = live[live.size() - 9].address + 2;
  for (const std::size_t count : {1U, 17U, 900U}) {
    const std::vector<HeapCell> cells = map.cells(begin, end, count);
    ASSERT_EQ(cells.size(), count);
    std::uint64_t in_cells = 0, in_window = 0, newest = 0;
    for (const HeapCell& cell : cells) {
      in_cells += cell.live_bytes;
      newest = std::max(newest, cell.newest_t);
    }
    std::uint64_t right_newest = 0;
    for (const TracedBlock& block : live) {
      const std::uint64_t from = std::max(block.address, begin);
      const std::uint64_t to = std::min(block.address + block.size, end);
      if (from >= to) continue;
      in_window += to - from;
      right_newest = std::max(right_newest, block.t);
    }
    EXPECT_EQ(in_cells, in_window) << count;
    EXPECT_EQ(newest, right_newest);
  }
}

TEST_F(Blocks, HaveALife) {
  int moved = 0;
  for (std::size_t i = 0; i < model_->blocks().size(); i += 37) {
    const TracedBlock& block = model_->blocks()[i];
    EXPECT_EQ(find_block(*index_, block.seq), block);
    const std::vector<TracedBlock> chain = realloc_chain(*index_, block.seq);
    EXPECT_NE(std::find(chain.begin(), chain.end(), block), chain.end());
    EXPECT_NE(events_[chain.front().seq].kind, TraceEventKind::kRealloc);
    for (std::size_t k = 1; k < chain.size(); ++k) {
      EXPECT_EQ(chain[k].seq, chain[k - 1].free_seq);
      EXPECT_EQ(events_[chain[k].seq].old_address, chain[k - 1].address);
    }
    moved += chain.size() > 1 ? 1 : 0;
    const auto end = find_end(*index_, chain.back());
    EXPECT_EQ(end.has_value(), !chain.back().is_leaked());
    EXPECT_EQ(end ? end->kind : TraceEventKind::kFree, TraceEventKind::kFree);
  }
  EXPECT_GT(moved, 10);
  const std::uint64_t address = model_->blocks()[900].address;
  const auto held = blocks_that_held(*index_, address);
  EXPECT_EQ(held, expected([&](const TracedBlock& b) {
              return address >= b.address && address < b.address + b.size;
            }));
}

// Thread 1 moves its block; before that is written, thread 2 gets the old place.
TEST(LateFrees, EndTheBlockBeforeThem) {
  const auto event = [](TraceEventKind kind, std::uint64_t t, std::uint32_t thread,
                        std::uint64_t address, std::uint64_t old = 0) {
    TraceEvent made;
    made.kind = kind;
    made.t = t;
    made.thread = thread;
    made.address = address;
    made.old_address = old;
    if (kind != TraceEventKind::kFree) made.size = address / 16, made.stack = thread;
    return made;
  };
  using enum TraceEventKind;
  std::vector<TraceEvent> events = {
      event(kAlloc, 10, 1, 0x1000),
      event(kAlloc, 20, 2, 0x1000),
      event(kRealloc, 30, 1, 0x3000, 0x1000),
      event(kAlloc, 40, 2, 0x4000),
      event(kFree, 50, 1, 0x3000),
  };
  for (const std::size_t per_chunk : {1U, 2U, 3U, 5U}) {
    const ScratchFile file;
    write_events(file.path(), events, per_chunk);
    EventIndex index(file.path(), ProcessId{1});
    index.update();
    EXPECT_EQ(index.view()->late_frees, std::vector<std::uint64_t>{2});
    EXPECT_EQ(index.view()->totals.live_blocks, 2U);
    EXPECT_EQ(index.view()->totals.unknown_frees, 0U);
    const std::vector<TracedBlock> live = blocks_at(index, 5);
    ASSERT_EQ(live.size(), 2U);
    EXPECT_EQ(live[0].seq, 1U);
    EXPECT_EQ(live[1].seq, 3U);
    ASSERT_EQ(blocks_at(index, 2).size(), 1U);
    EXPECT_EQ(blocks_at(index, 2)[0].thread, 2U);
    EXPECT_EQ(heap_between(index, 0, 5).total.flow.frees, 2U);
  }
}

TEST(EventIndexGrows, WithItsTrace) {
  const ScratchFile file;
  std::vector<TraceEvent> events = EventMaker(31).make(9'000);
  const EventModel model(events);
  TraceWriter writer(file.path(), true);
  std::size_t written = 0;
  const auto put = [&](std::size_t n) {
    writer.begin();
    const std::span<const TraceEvent> part(events.data() + written, n);
    writer.put_chunk({{1}, written, part.front().t, part.back().t, 0, 0, part});
    writer.commit();
    written += n;
  };
  put(1'000);
  EventIndex index(file.path(), ProcessId{1});
  for (const std::size_t n : {1U, 999U, 3'000U, 4'000U}) {
    index.update();
    EXPECT_EQ(index.view()->events, written);
    EXPECT_EQ(blocks_at(index, written).size(), model.live_at(written).size());
    EXPECT_EQ(heap_between(index, 500, written).total.flow.allocations, [&] {
      std::uint64_t count = 0;
      for (const TracedBlock& b : model.blocks()) {
        count += b.seq >= 500 && b.seq < written ? 1 : 0;
      }
      return count;
    }());
    put(n);
  }
}

// The answers are those of some moment that was indexed by then. For the thread
// sanitizer.
TEST(EventIndexGrows, WhileOthersAsk) {
  const ScratchFile file;
  std::vector<TraceEvent> events = EventMaker(47).make(40'000);
  write_events(file.path(), events, 400);
  const EventModel model(events);
  EventIndex index(file.path(), ProcessId{1});
  std::jthread updating([&] { index.update({}, 3); });
  std::uint64_t seen = 0;
  while (seen < events.size()) {
    const std::uint64_t indexed = index.view()->events;
    EXPECT_GE(indexed, seen);
    seen = indexed;
    const std::uint64_t moment = indexed / 2;
    EXPECT_EQ(blocks_at(index, moment).size(), model.live_at(moment).size());
    EXPECT_EQ(heap_between(index, 0, moment).total.grown.blocks,
              model.live_at(moment).size());
  }
}

TEST(EventIndexLimits, RefusesToTakeMoreMemoryThanItMay) {
  const ScratchFile file;
  std::vector<TraceEvent> events = EventMaker(3).make(60'000);
  write_events(file.path(), events, 500);
  EventIndex index(file.path(), ProcessId{1}, 200'000);
  EXPECT_THROW(index.update(), Error);
  EXPECT_THROW(index.update(), Error);  // and does not go on with half of it
}

TEST(EventIndexLimits, GoesOnAfterItWasCancelled) {
  const ScratchFile file;
  std::vector<TraceEvent> events = EventMaker(3).make(20'000);
  write_events(file.path(), events, 500);
  EventIndex index(file.path(), ProcessId{1});
  std::stop_source stop;
  int told = 0;
  const Job job(stop.get_token(), [&](double) {
    if (++told == 7) stop.request_stop();
  });
  EXPECT_THROW(index.update(job), Error);
  EXPECT_EQ(index.view()->events, 8U * 500);
  EXPECT_EQ(blocks_at(index, 2'000).size(), EventModel(events).live_at(2'000).size());
  index.update();
  EXPECT_EQ(blocks_at(index, 20'000).size(), EventModel(events).live_at(20'000).size());
}

}  // namespace
}  // namespace memoir
