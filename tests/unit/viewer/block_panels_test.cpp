// The panels that show single blocks: what they say is what the index says.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyze/block_query.h"
#include "analyze/heap_map.h"
#include "analyze/histograms.h"
#include "analyze/threads.h"
#include "analyze/units.h"
#include "support/event_trace.h"
#include "support/scratch_file.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

class BlockPanels : public testing::Test {
 protected:
  BlockPanels() {
    events_ = EventMaker(5).make(30'000);
    write_events(file_.path(), events_, 4'000);
    index_ = std::make_unique<EventIndex>(file_.path(), ProcessId{1});
    index_->update();
    stage_.app().open(file_.path());
    stage_.settle();
  }

  void show(const char* panel) {
    ASSERT_TRUE(stage_.click(std::string("tab.") + panel));
    ASSERT_TRUE(stage_.settle());
  }
  void filter(const std::string& text) {
    View view = stage_.app().view();
    view.filter = text;
    stage_.app().go(view);
    ASSERT_TRUE(stage_.settle());
  }
  FoundBlocks find(BlockFilter filter, BlockOrder order = BlockOrder::kSize) const {
    BlockQuery query;
    query.filter = std::move(filter);
    query.order = order;
    return find_blocks(*index_, query);
  }
  static std::string text_of(std::string_view mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }
  static void expect_total(const FoundBlocks& found) {
    EXPECT_NE(text_of("allocations.total").find(format_things(found.count, "block")),
              std::string::npos)
        << text_of("allocations.total");
    EXPECT_NE(text_of("allocations.total").find(format_bytes(found.bytes)),
              std::string::npos);
  }

  ScratchFile file_;
  std::vector<TraceEvent> events_;
  std::unique_ptr<EventIndex> index_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(BlockPanels, AllocationsListsTheLargestFirst) {
  show("allocations");
  const FoundBlocks all = find({});
  expect_total(all);
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_TRUE(text_of(fmt::format("allocations.row.{}", row))
                    .starts_with(fmt::format("{} {}", all.blocks[row].size,
                                             all.blocks[row].address)));
  }
  ASSERT_TRUE(stage_.click("allocations.title.Lived"));
  ASSERT_TRUE(stage_.settle());
  const FoundBlocks old = find({}, BlockOrder::kLife);
  EXPECT_TRUE(
      text_of("allocations.row.0")
          .starts_with(fmt::format("{} {}", old.blocks[0].size, old.blocks[0].address)));
}

TEST_F(BlockPanels, AllocationsObeysTheFilterAndTheRange) {
  show("allocations");
  filter("leaked");
  BlockFilter leaked;
  leaked.leaked = true;
  expect_total(find(leaked));
  filter("size:100..200 temp");
  BlockFilter some;
  some.size = {100, 200};
  some.temporary = true;
  expect_total(find(some));
  filter("");
  View view = stage_.app().view();
  view.range = TimeRange{events_[5'000].t, events_[9'000].t};
  stage_.app().go(view);
  ASSERT_TRUE(stage_.settle());
  BlockFilter made;
  made.made = {events_[5'000].t, events_[9'000].t};
  expect_total(find(made));
  view.range.reset();
  view.filter = "size>900g";
  stage_.app().go(view);
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(text_of("allocations.row.0"), "(not in sight)");
}

TEST_F(BlockPanels, ABlocksWholeLifeIsShown) {
  show("allocations");
  filter("leaked");
  ASSERT_TRUE(stage_.click("allocations.row.0"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(text_of("block.end"), "leaked");
  EXPECT_TRUE(stage_.app().view().address.has_value());
  EXPECT_TRUE(stage_.app().view().stack);
  ASSERT_TRUE(stage_.click("block.others"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(find_mark("block.step.1000"), nullptr);
}

TEST_F(BlockPanels, TheMapShowsThePeakAndOtherMoments) {
  show("map");
  const HeapMap peak = HeapMap::make(*index_, index_->view()->peak.moment);
  EXPECT_NE(text_of("map.total").find(format_things(peak.blocks(), "block")),
            std::string::npos);
  EXPECT_NE(text_of("map.total").find(format_bytes(peak.live_bytes())),
            std::string::npos);
  View view = stage_.app().view();
  view.moment = events_[7'000].t;
  stage_.app().go(view);
  ASSERT_TRUE(stage_.settle());
  const HeapMap then = HeapMap::make(*index_, index_->view().moment_at(events_[7'000].t));
  EXPECT_NE(text_of("map.total").find(format_things(then.blocks(), "block")),
            std::string::npos);
  const std::string before = text_of("map.window");
  ASSERT_TRUE(stage_.wheel("map.memory", 3));
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(text_of("map.window"), before);
  for (const char* colour : {"age", "fill", "call site"}) {
    ASSERT_TRUE(stage_.click(std::string("map.colour.") + colour));
  }
}

TEST_F(BlockPanels, HistogramsCountTheFilteredBlocks) {
  show("histograms");
  EXPECT_EQ(text_of("histogram.sizes"), "0");  // this trace has no tables of them
  filter("temp");
  BlockFilter temporary;
  temporary.temporary = true;
  const Histograms right = count_histograms(*index_, 0, ~std::uint64_t{0}, temporary);
  std::size_t bucket = 1;
  while (right.sizes[bucket].blocks == 0) ++bucket;
  EXPECT_EQ(text_of(fmt::format("histogram.sizes.{}", bucket)),
            fmt::format("{} {}", right.sizes[bucket].blocks, right.sizes[bucket].bytes));
  EXPECT_EQ(text_of("histogram.size.0"),
            fmt::format("{} {}", right.top_sizes[0].size, right.top_sizes[0].blocks));
  ASSERT_TRUE(stage_.click(fmt::format("histogram.sizes.{}", bucket)));
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(stage_.app().view().filter.find("size"), std::string::npos);
  EXPECT_NE(stage_.app().view().filter.find("temp"), std::string::npos);
}

TEST_F(BlockPanels, ThreadsSayWhatEachDid) {
  show("threads");
  const std::vector<ThreadFigures> threads = count_threads(*index_, 0, ~std::uint64_t{0});
  ASSERT_EQ(threads.size(), 3U);
  std::uint64_t most = 0;
  for (const ThreadFigures& thread : threads) most = std::max(most, thread.allocations);
  EXPECT_NE(text_of("threads.row.0").find(fmt::format(" {} ", most)), std::string::npos)
      << text_of("threads.row.0");
  ASSERT_TRUE(stage_.double_click("threads.row.0"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(stage_.app().view().panel, PanelId::kAllocations);
  EXPECT_TRUE(stage_.app().view().filter.starts_with("thread:"));
}

}  // namespace
}  // namespace memoir
