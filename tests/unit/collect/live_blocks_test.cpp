#include "collect/live_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace memoir {
namespace {

// Writes down what LiveBlocks finds out.
class Diary final : public PairingObserver {
 public:
  void on_block_made(const LiveBlock& block) override {
    lines.push_back("made " + std::to_string(block.t));
  }
  void on_block_freed(const LiveBlock& block, std::uint64_t t, std::uint32_t) override {
    lines.push_back("freed " + std::to_string(block.t) + " at " + std::to_string(t));
  }
  void on_unknown_free(std::uint64_t address) override {
    lines.push_back("unknown " + std::to_string(address));
  }

  std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

LiveBlock block(std::uint64_t address, std::uint64_t t) { return {address, 10, t, 1, 1}; }

TEST(LiveBlocks, PairsInOrder) {
  Diary diary;
  LiveBlocks live(diary);
  live.alloc(block(16, 1));
  live.free(16, 2, 1);
  live.alloc(block(16, 3));
  EXPECT_EQ(diary.lines, (Lines{"made 1", "freed 1 at 2", "made 3"}));
  EXPECT_EQ(live.size(), 1u);
}

TEST(LiveBlocks, AnAllocOnALiveAddressWaitsForTheFree) {
  Diary diary;
  LiveBlocks live(diary);
  live.alloc(block(16, 1));
  live.alloc(block(16, 5));  // its free, at 3, is late
  EXPECT_EQ(diary.lines, (Lines{"made 1"}));
  live.free(16, 3, 1);
  EXPECT_EQ(diary.lines, (Lines{"made 1", "freed 1 at 3", "made 5"}));
}

TEST(LiveBlocks, AWholeLifeMayWait) {
  Diary diary;
  LiveBlocks live(diary);
  live.alloc(block(16, 1));
  live.alloc(block(16, 5));
  live.free(16, 6, 1);
  live.alloc(block(16, 7));
  live.free(16, 3, 1);  // the one that was missing
  EXPECT_EQ(diary.lines,
            (Lines{"made 1", "freed 1 at 3", "made 5", "freed 5 at 6", "made 7"}));
}

TEST(LiveBlocks, AFreeOfAnUnknownBlockDoesNotTakeTheNextOne) {
  Diary diary;
  LiveBlocks live(diary);
  live.free(16, 1, 1);
  live.alloc(block(16, 2));
  EXPECT_EQ(live.size(), 1u);
  live.free(16, 3, 1);
  EXPECT_EQ(diary.lines, (Lines{"unknown 16", "made 2", "freed 2 at 3"}));
  EXPECT_EQ(live.size(), 0u);
}

TEST(LiveBlocks, AnAllocMayComeAfterItsFree) {
  Diary diary;
  LiveBlocks live(diary);
  live.free(16, 2, 1);
  live.alloc(block(16, 1));
  live.settle(~0ull);
  EXPECT_EQ(diary.lines, (Lines{"made 1", "freed 1 at 2"}));
}

TEST(LiveBlocks, AnUnknownFreeIsSettledInTime) {
  Diary diary;
  LiveBlocks live(diary);
  live.free(16, 5, 1);
  live.settle(5);
  EXPECT_TRUE(diary.lines.empty());
  live.settle(6);
  EXPECT_EQ(diary.lines, (Lines{"unknown 16"}));
}

// Two processors whose clocks are not quite together: the free seems older than its
// block.
TEST(LiveBlocks, ASkewedClockMakesNoLeak) {
  Diary diary;
  LiveBlocks live(diary);
  live.alloc(block(16, 1'000'000));
  live.free(16, 999'500, 2);
  live.settle(~0ull);
  EXPECT_EQ(live.size(), 0u);
  live.alloc(block(16, 9'000'000));
  live.free(16, 8'000'000, 2);  // too old to be its own
  live.settle(~0ull);
  EXPECT_EQ(live.size(), 1u);
  EXPECT_EQ(diary.lines.back(), "unknown 16");
}

TEST(LiveBlocks, ALostFreeIsTakenForGranted) {
  Diary diary;
  LiveBlocks live(diary);
  live.alloc(block(16, 1));
  live.alloc(block(16, 5));
  live.settle(~0ull);
  EXPECT_EQ(diary.lines, (Lines{"made 1", "freed 1 at 5", "made 5"}));
}

// Any order of arrival gives the true pairs, as long as everything arrives.
TEST(LiveBlocks, ArrivalOrderDoesNotMatter) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    struct Step {
      bool is_alloc;
      std::uint64_t address, t;
    };
    std::vector<Step> steps;
    std::uint64_t t = 0;
    std::map<std::uint64_t, bool> is_live;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t address = 16 * (1 + random() % 5);
      steps.push_back({!is_live[address], address, ++t});
      is_live[address] = !is_live[address];
    }
    // Late by up to twenty places.
    std::vector<std::pair<std::size_t, Step>> arrivals;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      // A free may be late; an alloc never arrives after its own free.
      const std::size_t late = steps[i].is_alloc ? 0 : random() % 20;
      arrivals.emplace_back(i + late, steps[i]);
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Diary diary;
    LiveBlocks live(diary);
    for (const auto& [when, step] : arrivals) {
      if (step.is_alloc) {
        live.alloc(block(step.address, step.t));
      } else {
        live.free(step.address, step.t, 1);
      }
    }
    std::size_t expected = 0;
    for (const auto& [address, alive] : is_live) expected += alive ? 1 : 0;
    EXPECT_EQ(live.size(), expected);
    const auto unknown = std::count_if(
        diary.lines.begin(), diary.lines.end(),
        [](const std::string& line) { return line.starts_with("unknown"); });
    EXPECT_EQ(unknown, 0);
    EXPECT_EQ(diary.lines.size(), steps.size());
  }
}

TEST(LiveBlocks, ATableOfManyFindsAndForgetsEach) {
  Diary diary;
  LiveBlocks live(diary);
  std::mt19937_64 random(3);
  std::map<std::uint64_t, std::uint64_t> expected;
  std::uint64_t t = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t address = (random() % 30'000 + 1) * 16;
    ++t;
    if (expected.erase(address) != 0) {
      live.free(address, t, 1);
    } else {
      live.alloc(block(address, t));
      expected[address] = t;
    }
  }
  EXPECT_EQ(live.size(), expected.size());
  for (const auto& [address, made] : expected) {
    const std::size_t place = live.blocks().find(address);
    ASSERT_NE(place, BlockTable::kNowhere);
    EXPECT_EQ(live.blocks().at(place).t, made);
  }
  live.blocks().for_each(
      [&](const LiveBlock& one) { EXPECT_EQ(expected.count(one.address), 1u); });
}

// Growing while buckets run over, also past the end of the table; addresses as allocators
// give them out, and any.
TEST(BlockTable, GrowsWithAllThatItHolds) {
  for (const std::uint64_t step : {16U, 32U, 48U, 112U, 4096U, 65536U, 0U}) {
    BlockTable table;
    std::mt19937_64 random(step);
    std::vector<std::uint64_t> addresses;
    std::uint64_t t = 0;
    for (std::uint64_t i = 1; i <= 60'000; ++i) {
      const std::uint64_t address =
          step != 0 ? 0x7f0000000000 + i * step : random() >> 17;
      if (table.find(address) != BlockTable::kNowhere) continue;
      table.insert(block(address, ++t));
      addresses.push_back(address);
      if (i % 3 != 0) continue;  // holes, too
      const std::size_t other = random() % addresses.size();
      table.erase(table.find(addresses[other]));
      std::swap(addresses[other], addresses.back());
      addresses.pop_back();
    }
    EXPECT_EQ(table.size(), addresses.size());
    for (const std::uint64_t address : addresses) {
      const std::size_t place = table.find(address);
      ASSERT_NE(place, BlockTable::kNowhere);
      ASSERT_EQ(table.at(place).address, address);
      table.erase(place);
      ASSERT_EQ(table.find(address), BlockTable::kNowhere);
    }
    EXPECT_EQ(table.size(), 0U);
    table.for_each([](const LiveBlock&) { ADD_FAILURE(); });
  }
}

TEST(BlockTable, NothingIsAtZero) {
  BlockTable table;
  EXPECT_EQ(table.find(0), BlockTable::kNowhere);
  table.insert(block(16, 1));
  table.erase(table.find(16));
  EXPECT_EQ(table.find(0), BlockTable::kNowhere);
  EXPECT_EQ(table.find(16), BlockTable::kNowhere);
}

}  // namespace
}  // namespace memoir
