#include "heap/guarded_slots.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "base/careful_read.h"
#include "heap/checked_heap.h"
#include "heap/guard_fault.h"
#include "heap/guard_pages.h"

namespace memoir {
namespace {

bool can_read(std::uintptr_t address) {
  char byte = 0;
  return read_carefully(address, &byte, 1) == CarefulRead::kRead;
}

// A heap all of whose small blocks are guarded, in both ways.
class GuardedSlotsTest : public testing::TestWithParam<bool> {
 protected:
  GuardedSlotsTest() { start(std::uint64_t{16} << 20, 16); }

  void start(std::uint64_t memory, std::uint32_t waiting) {
    choose_guard_method(GetParam());
    heap_ = std::make_unique<CheckedHeap>();
    HeapSettings settings;
    settings.canary_seed = 9;
    heap_->start(settings);
    GuardSettings guards;
    guards.all = true;
    GuardedSlotSettings slots;
    slots.memory_bytes = memory;
    slots.space_bytes = memory * 8;
    slots.waiting = waiting;
    heap_->start_guards(guards, slots);
  }

  std::uintptr_t make(std::size_t size, std::uint8_t alignment_log2 = 0,
                      bool zero = false, StackNodeId stack = 100) {
    BlockRequest request;
    request.size = size;
    request.alignment_log2 = alignment_log2;
    request.zero = zero;
    request.api = Api::kMalloc;
    request.stack = stack;
    return reinterpret_cast<std::uintptr_t>(heap_->allocate(request, cache_, findings_));
  }

  Place place(std::uintptr_t address) { return heap_->find(address); }
  bool is_guarded(std::uintptr_t block) {
    return place(block).slab->kind == SlabKind::kGuarded;
  }

  void release(std::uintptr_t block) {
    const Place at = place(block);
    ASSERT_EQ(AddressIs::kBlock, at.is);
    ASSERT_TRUE(heap_->claim(at));
    heap_->release(at, Api::kFree, 200, 1, cache_, findings_);
  }

  std::size_t damaged() {
    std::size_t n = 0;
    heap_->check_all([&](const Finding&) { ++n; });
    return n;
  }

  std::unique_ptr<CheckedHeap> heap_;
  ThreadCache cache_;
  Findings findings_;
};

TEST_P(GuardedSlotsTest, SidesAlternateAndBlocksAreAligned) {
  for (const std::size_t size : {1u, 15u, 16u, 100u, 4096u, 4097u, 20000u, 65536u}) {
    const std::uintptr_t first = make(size), second = make(size);
    ASSERT_TRUE(is_guarded(first) && is_guarded(second));
    const bool first_is_right = !can_read((first + size + 15) & ~std::uintptr_t{15});
    const std::uintptr_t right = first_is_right ? first : second;
    const std::uintptr_t left = first_is_right ? second : first;
    EXPECT_EQ(0u, right % 16);
    EXPECT_EQ(0u, left % 4096);
    EXPECT_FALSE(can_read((right + size + 15) & ~std::uintptr_t{15}));
    EXPECT_FALSE(can_read(left - 1));
    memset(reinterpret_cast<void*>(right), 1, size);
    memset(reinterpret_cast<void*>(left), 2, size);
  }
  EXPECT_EQ(0u, damaged());
}

TEST_P(GuardedSlotsTest, PinnedBlocksEndAtTheGuardToTheByte) {
  const Pin pin{7, GuardSide::kExactRight};
  heap_->guards().set_pins(
      &pin, 1, [](StackNodeId stack) -> std::uint64_t { return stack == 300 ? 7 : 0; });
  for (const std::size_t size : {1u, 13u, 16u, 100u, 4097u, 65535u}) {
    const std::uintptr_t block = make(size, 0, false, 300);
    ASSERT_TRUE(is_guarded(block));
    EXPECT_EQ(AddressIs::kBlock, place(block).is);
    EXPECT_EQ(block, heap_->view(place(block)).begin);
    EXPECT_EQ(size, heap_->view(place(block)).size);
    EXPECT_TRUE(can_read(block + size - 1));
    EXPECT_FALSE(can_read(block + size));
    EXPECT_EQ(FaultKind::kHeapBufferOverflow,
              find_touched_guard(*heap_, block + size).kind);
    memset(reinterpret_cast<void*>(block), 1, size);
    EXPECT_EQ(0u, damaged());
    release(block);
    EXPECT_TRUE(findings_.empty());
  }
  // What the program asks for itself comes first.
  EXPECT_EQ(0u, make(13, 6, false, 300) % 64);
}

TEST_P(GuardedSlotsTest, EveryAlignmentUpToAPage) {
  for (std::uint8_t log2 = 0; log2 <= 12; ++log2) {
    for (const std::size_t size : {0u, 1u, 100u, 5000u}) {
      const std::uintptr_t block = make(size, log2);
      ASSERT_TRUE(is_guarded(block));
      EXPECT_EQ(0u, block % (std::size_t{1} << log2));
      EXPECT_EQ(size, heap_->view(place(block)).size);
    }
  }
  EXPECT_FALSE(is_guarded(make(100, 13)));
  EXPECT_FALSE(is_guarded(make(65537)));
}

TEST_P(GuardedSlotsTest, NothingCanBeDoneWithABlockWithoutBytes) {
  for (int i = 0; i < 2; ++i) {
    const std::uintptr_t block = make(0);
    EXPECT_EQ(AddressIs::kBlock, place(block).is);
    EXPECT_FALSE(can_read(block));
    release(block);
  }
}

TEST_P(GuardedSlotsTest, EveryAddressLeadsToTheNearestBlock) {
  std::vector<std::uintptr_t> blocks;
  for (int i = 0; i < 64; ++i) blocks.push_back(make(100));
  for (const std::uintptr_t block : blocks) {
    for (std::uintptr_t at = block; at < block + 100; ++at) {
      ASSERT_EQ(block, heap_->view(place(at)).begin);
    }
    EXPECT_EQ(block, heap_->view(place(block - 1)).begin);
    EXPECT_EQ(block, heap_->view(place(block + 112)).begin);
  }
}

TEST_P(GuardedSlotsTest, WhatIsBesideABlockAndWhatIsFreedIsAGuard) {
  std::uintptr_t right = make(100), left = make(100);
  if (can_read(right + 112)) std::swap(right, left);
  EXPECT_EQ(FaultKind::kHeapBufferOverflow, find_touched_guard(*heap_, right + 112).kind);
  EXPECT_EQ(FaultKind::kHeapBufferUnderflow, find_touched_guard(*heap_, left - 1).kind);
  EXPECT_EQ(left, find_touched_guard(*heap_, left - 1).block.begin);
  EXPECT_EQ(FaultKind::kNone, find_touched_guard(*heap_, right + 5).kind);
  release(right);
  EXPECT_FALSE(can_read(right));
  const TouchedGuard touched = find_touched_guard(*heap_, right + 5);
  EXPECT_EQ(FaultKind::kUseAfterFree, touched.kind);
  EXPECT_EQ(right, touched.block.begin);
  EXPECT_EQ(200u, touched.block.free_stack);
}

TEST_P(GuardedSlotsTest, CanariesFillTheRestOfThePages) {
  std::uintptr_t right = make(100), left = make(100);
  if (can_read(right + 112)) std::swap(right, left);
  *reinterpret_cast<char*>(right + 100) = 1;
  *reinterpret_cast<char*>(left + 2000) = 1;
  *reinterpret_cast<char*>(right - 1000) = 1;
  EXPECT_EQ(3u, damaged());
  EXPECT_EQ(0u, damaged());
  *reinterpret_cast<char*>(right + 101) = 1;
  release(right);
  ASSERT_FALSE(findings_.empty());
  EXPECT_EQ(FaultKind::kHeapBufferOverflow, findings_.begin()->kind);
  EXPECT_EQ(right + 101, findings_.begin()->damage.first);
}

TEST_P(GuardedSlotsTest, SlotsAreUsedAgainLate) {
  const std::uintptr_t block = make(100);
  release(block);
  const std::uintptr_t page = block & ~std::uintptr_t{4095};
  int until = 0;
  for (; until < 1000; ++until) {
    const std::uintptr_t other = make(100);
    if ((other & ~std::uintptr_t{4095}) == page) break;
    release(other);
  }
  EXPECT_EQ(16, until);
}

TEST_P(GuardedSlotsTest, OpenedPagesAreClosedAgain) {
  std::uintptr_t right = make(100), left = make(100);
  if (can_read(right + 112)) std::swap(right, left);
  ASSERT_TRUE(
      open_guard_page(*heap_, find_touched_guard(*heap_, right + 112), right + 112));
  ASSERT_TRUE(can_read(right + 112));
  release(right);
  EXPECT_FALSE(can_read(right + 112));
  ASSERT_TRUE(open_guard_page(*heap_, find_touched_guard(*heap_, right), right));
  memset(reinterpret_cast<void*>(right), 7, 100);
  // What the program left there is not in a zeroed block.
  for (int i = 0; i < 40; ++i) {
    const std::uintptr_t zeroed = make(100, 0, true);
    for (std::uintptr_t at = zeroed; at < zeroed + 100; ++at) {
      ASSERT_EQ(0, *reinterpret_cast<const char*>(at));
    }
    release(zeroed);
  }
  EXPECT_TRUE(findings_.empty());
}

TEST_P(GuardedSlotsTest, WhereTheMemoryEndsBlocksAreOrdinary) {
  start(std::uint64_t{1} << 20, 16);
  std::size_t guarded = 0;
  std::vector<std::uintptr_t> blocks;
  for (int i = 0; i < 1000; ++i) {
    blocks.push_back(make(100));
    guarded += is_guarded(blocks.back());
  }
  EXPECT_EQ(256u, guarded);
  for (const std::uintptr_t block : blocks) release(block);
  EXPECT_TRUE(is_guarded(make(100)));
  EXPECT_EQ(0u, damaged());
}

TEST_P(GuardedSlotsTest, RandomBlocksInFourThreads) {
  start(std::uint64_t{4} << 20, 64);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      std::mt19937 random(t);
      ThreadCache cache;
      Findings findings;
      std::vector<std::pair<char*, std::size_t>> blocks;
      for (int i = 0; i < 5000; ++i) {
        BlockRequest request;
        request.size = random() % (i % 20 == 0 ? 60000 : 300);
        request.alignment_log2 = static_cast<std::uint8_t>(random() % 13);
        request.stack = static_cast<StackNodeId>(2 + random() % 50);
        auto* block = static_cast<char*>(heap_->allocate(request, cache, findings));
        ASSERT_NE(nullptr, block);
        memset(block, static_cast<int>(t), request.size);
        blocks.emplace_back(block, request.size);
        if (random() % 8 != 0 && blocks.size() < 100) continue;
        while (blocks.size() > 50) {
          const auto [old, size] = blocks[random() % blocks.size()];
          for (std::size_t k = 0; k < size; ++k) ASSERT_EQ(static_cast<char>(t), old[k]);
          const Place at = heap_->find(reinterpret_cast<std::uintptr_t>(old));
          ASSERT_TRUE(heap_->claim(at));
          heap_->release(at, Api::kFree, 3, t, cache, findings);
          std::erase(blocks, std::pair{old, size});
        }
#ifndef __SANITIZE_THREAD__  // what it reads may change: it looks twice
        if (i % 500 == 0) heap_->check_all([](const Finding&) { FAIL(); });
#endif
      }
      heap_->flush(cache, findings);
      EXPECT_TRUE(findings.empty());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(0u, damaged());
}

TEST_P(GuardedSlotsTest, AGuardIsOfTheOtherBlockWhileOneSlotIsTaken) {
  const std::uintptr_t low = make(100);
  const std::uintptr_t high = make(100);
  const Place below = place(low);
  const Place above = place(high);
  ASSERT_EQ(below.slab, above.slab);
  ASSERT_EQ(below.slot + 1, above.slot);
  const std::uintptr_t in_guard = room_begin(*above.slab, above.slot) - 8;
  for (const BlockState vacant : {BlockState::kOpening, BlockState::kUnused}) {
    below.slab->records[below.slot].state.store(vacant);
    const TouchedGuard under = find_touched_guard(*heap_, in_guard);
    EXPECT_EQ(FaultKind::kHeapBufferUnderflow, under.kind);
    EXPECT_EQ(high, under.block.begin);
    below.slab->records[below.slot].state.store(BlockState::kLive);
    above.slab->records[above.slot].state.store(vacant);
    const TouchedGuard over = find_touched_guard(*heap_, in_guard);
    EXPECT_EQ(FaultKind::kHeapBufferOverflow, over.kind);
    EXPECT_EQ(low, over.block.begin);
    above.slab->records[above.slot].state.store(BlockState::kLive);
  }
}

INSTANTIATE_TEST_SUITE_P(BothMethods, GuardedSlotsTest, testing::Bool());

}  // namespace
}  // namespace memoir
