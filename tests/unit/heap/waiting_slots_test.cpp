// Freed slots that left the quarantine and that nobody wants are memory that is kept for
// freed blocks, too: the quarantine is so much smaller, down to three quarters.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "heap/checked_heap.h"

namespace memoir {
namespace {

constexpr std::uint64_t kQuarantine = 8 << 20;

class WaitingSlotsTest : public testing::Test {
 protected:
  WaitingSlotsTest() {
    HeapSettings settings;
    settings.canary_seed = 42;
    settings.quarantine_bytes = kQuarantine;
    heap_->start(settings);
  }

  std::uintptr_t make(std::size_t size) {
    BlockRequest request;
    request.size = size;
    return reinterpret_cast<std::uintptr_t>(heap_->allocate(request, cache_, findings_));
  }

  Place release(std::uintptr_t block) {
    const Place place = heap_->find(block);
    EXPECT_TRUE(heap_->claim(place));
    heap_->release(place, Api::kFree, 0, 1, cache_, findings_);
    return place;
  }

  // How much of blocks that are freed at once is held back before one is used again.
  std::uint64_t held_back() {
    std::set<std::uintptr_t> seen;
    std::uint64_t bytes = 0;
    for (;;) {
      const std::uintptr_t block = make(300);
      const Place place = release(block);
      if (!seen.insert(block).second) return bytes;
      bytes += place.slab->stride + kKeptWithSlot;
    }
  }

  // Leaves slots to wait in slabs in which something lives.
  void make_and_keep_few() {
    std::vector<std::uintptr_t> blocks;
    for (int i = 0; i < 160'000; ++i) blocks.push_back(make(100));
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % 50 != 0) release(blocks[i]);
    }
  }

  const std::unique_ptr<CheckedHeap> heap_ = std::make_unique<CheckedHeap>();
  ThreadCache cache_;
  Findings findings_;
};

TEST_F(WaitingSlotsTest, TheQuarantineIsAllForFreedBlocksWhereNoneWait) {
  const std::uint64_t held = held_back();
  EXPECT_GE(held, kQuarantine);
  EXPECT_LE(held, kQuarantine * 5 / 4);
}

TEST_F(WaitingSlotsTest, WhatWaitsIsPartOfIt) {
  make_and_keep_few();
  held_back();  // the slots that waited in the quarantine wait outside of it now
  const std::uint64_t held = held_back();
  EXPECT_GE(held, kQuarantine * 3 / 4);
  EXPECT_LT(held, kQuarantine);
  EXPECT_TRUE(findings_.empty());
}

// Damage of what waits is found as before.
TEST_F(WaitingSlotsTest, WhatWaitsIsStillLookedAt) {
  const std::uintptr_t first = make(100);
  const std::uintptr_t beside = make(100);
  release(first);
  make_and_keep_few();
  held_back();
  *reinterpret_cast<volatile char*>(first) = 1;
  std::size_t found = 0;
  heap_->check_all([&](const Finding& finding) {
    found += finding.kind == FaultKind::kWriteAfterFree && finding.block.begin == first;
  });
  EXPECT_EQ(1u, found);
  release(beside);
}

}  // namespace
}  // namespace memoir
