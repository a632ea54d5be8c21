#include "heap/checked_heap.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "heap/guard_pages.h"

namespace memoir {
namespace {

class CheckedHeapTest : public testing::Test {
 protected:
  CheckedHeapTest() {
    choose_guard_method(true);
    HeapSettings settings;
    settings.canary_seed = 42;
    settings.quarantine_bytes = 1 << 20;
    heap_.start(settings);
  }

  char* make(std::size_t size, std::uint8_t alignment_log2 = 0, bool zero = false) {
    BlockRequest request;
    request.size = size;
    request.alignment_log2 = alignment_log2;
    request.zero = zero;
    request.api = Api::kMalloc;
    request.stack = ++stacks_;
    return static_cast<char*>(heap_.allocate(request, cache_, findings_));
  }

  Place place(const void* address) {
    return heap_.find(reinterpret_cast<std::uintptr_t>(address));
  }

  void release(const void* block) {
    const Place at = place(block);
    ASSERT_EQ(at.is, AddressIs::kBlock);
    ASSERT_TRUE(heap_.claim(at));
    heap_.release(at, Api::kFree, ++stacks_, 1, cache_, findings_);
  }

  // What is found, when a block is freed after a change, and then everything checked.
  std::vector<Finding> found() {
    std::vector<Finding> list(findings_.begin(), findings_.end());
    findings_ = {};
    heap_.check_all([&](const Finding& finding) { list.push_back(finding); });
    return list;
  }

  const std::unique_ptr<CheckedHeap> owned_ = std::make_unique<CheckedHeap>();
  CheckedHeap& heap_ = *owned_;
  ThreadCache cache_;
  Findings findings_;
  StackNodeId stacks_ = 0;
};

TEST_F(CheckedHeapTest, EachLiveBlockIsListedOnce) {
  const auto listed = [this] {
    std::vector<std::uintptr_t> blocks;
    heap_.each_live([&](const BlockView& view) {
      EXPECT_TRUE(view.live);
      blocks.push_back(view.begin);
    });
    std::sort(blocks.begin(), blocks.end());
    return blocks;
  };
  EXPECT_TRUE(listed().empty());
  std::vector<std::uintptr_t> made;
  for (const std::size_t size : {0, 1, 40, 40, 5000, 200'000, 3'000'000}) {
    made.push_back(reinterpret_cast<std::uintptr_t>(make(size)));
  }
  const char* freed = make(40);
  const char* freed_large = make(1'000'000);
  release(freed);
  release(freed_large);
  std::sort(made.begin(), made.end());
  EXPECT_EQ(made, listed());
}

TEST_F(CheckedHeapTest, ZeroedLargeBlocksAreZeroWhereAnotherWasOverrun) {
  char* small = make(100);
  // What lies behind the slab, and is nobody's yet.
  memset(small + 100, 1, 3 << 20);
  const char* large = make(2 << 20, 0, true);
  EXPECT_TRUE(std::all_of(large, large + (2 << 20), [](char c) { return c == 0; }));
}

TEST_F(CheckedHeapTest, LargeBlocksAreRememberedWhenTheirAddressesAreGone) {
  const char* first = make(100000);
  const std::uint32_t stack = stacks_;
  release(first);
  BlockView lost;
  for (int i = 0; i < 4096; ++i) release(make(100000));
  EXPECT_EQ(place(first).is, AddressIs::kForeign);
  const auto address = reinterpret_cast<std::uintptr_t>(first);
  ASSERT_TRUE(heap_.find_lost(address, lost));
  EXPECT_FALSE(heap_.find_lost(address + 1, lost));
  EXPECT_EQ(lost.begin, address);
  EXPECT_EQ(lost.size, 100000u);
  EXPECT_FALSE(lost.live);
  EXPECT_EQ(lost.alloc_stack, stack);
  EXPECT_EQ(lost.free_stack, stack + 1);
}

TEST_F(CheckedHeapTest, BlocksOfEverySizeAndAlignmentHoldTheirBytes) {
  std::vector<std::pair<char*, std::size_t>> blocks;
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto log2 = static_cast<std::uint8_t>(random() % 14);
    std::size_t size = random() % 300;
    if (i % 10 == 0) size = random() % 70000;
    if (i % 1000 == 0) size = random() % 3000000;
    char* block = make(size, log2);
    ASSERT_NE(block, nullptr);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0u);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % (1u << log2), 0u);
    memset(block, i & 0xff, size);
    blocks.emplace_back(block, size);
    if (random() % 3 == 0) {
      const std::size_t which = random() % blocks.size();
      release(blocks[which].first);
      blocks.erase(blocks.begin() + static_cast<long>(which));
    }
  }
  EXPECT_TRUE(found().empty());
  for (const auto& [block, size] : blocks) {
    EXPECT_EQ(heap_.view(place(block)).size, size);
    release(block);
  }
  EXPECT_TRUE(found().empty());
}

TEST_F(CheckedHeapTest, ZeroedMeansZeroedAlsoInUsedMemory) {
  for (const std::size_t size : {1u, 100u, 5000u, 200000u}) {
    for (int i = 0; i < 2000; ++i) {
      char* block = make(size, 0, true);
      for (std::size_t k = 0; k < size; k += 97) ASSERT_EQ(block[k], 0);
      memset(block, 1, size);
      release(block);
      if (size > 5000 && i > 20) break;
    }
  }
}

TEST_F(CheckedHeapTest, EveryAddressOfABlockLeadsToIt) {
  for (const std::size_t size : {1u, 16u, 17u, 100u, 4000u, 65536u, 65537u, 1000000u}) {
    make(size);
    char* block = make(size);
    make(size);
    const std::size_t step = size > 1000 ? 61 : 1;
    for (std::size_t i = 0; i < size; i += step) {
      const Place at = place(block + i);
      ASSERT_EQ(at.is, i == 0 ? AddressIs::kBlock : AddressIs::kInside);
      ASSERT_EQ(heap_.view(at).begin, reinterpret_cast<std::uintptr_t>(block));
    }
    EXPECT_EQ(heap_.view(place(block + size)).begin,
              reinterpret_cast<std::uintptr_t>(block));
    EXPECT_EQ(heap_.view(place(block - 1)).begin,
              reinterpret_cast<std::uintptr_t>(block));
  }
  int local = 0;
  EXPECT_EQ(place(&local).is, AddressIs::kForeign);
  EXPECT_EQ(place(nullptr).is, AddressIs::kForeign);
}

TEST_F(CheckedHeapTest, AnOverflowIsTheFaultOfTheBlockItCameFrom) {
  for (const std::size_t size : {1u, 10u, 16u, 32u, 100u, 300u, 5000u, 70001u}) {
    make(size);
    char* block = make(size);
    char* above = make(size);
    block[size] = 0;
    release(above);
    release(block);
    const std::vector<Finding> list = found();
    ASSERT_EQ(list.size(), 1u) << size;
    EXPECT_EQ(list[0].kind, FaultKind::kHeapBufferOverflow);
    EXPECT_EQ(list[0].block.begin, reinterpret_cast<std::uintptr_t>(block));
    EXPECT_EQ(list[0].damage.first, reinterpret_cast<std::uintptr_t>(block) + size);
    EXPECT_EQ(list[0].damage.size(), 1u);
  }
}

TEST_F(CheckedHeapTest, AnUnderflowIsTheFaultOfTheBlockAboveIt) {
  for (const std::size_t size : {1u, 16u, 32u, 100u, 5000u}) {
    char* below = make(size);
    char* block = make(size);
    block[-1] = 0;
    release(below);
    release(block);
    const std::vector<Finding> list = found();
    ASSERT_EQ(list.size(), 1u) << size;
    EXPECT_EQ(list[0].kind, FaultKind::kHeapBufferUnderflow);
    EXPECT_EQ(list[0].block.begin, reinterpret_cast<std::uintptr_t>(block));
  }
}

TEST_F(CheckedHeapTest, ASweepRemembersWhatItSawWhole) {
  char* block = make(40);
  char* freed = make(100, 6);
  release(freed);
  const auto sweep = [&] {
    std::vector<Finding> list;
    heap_.sweep([&](const Finding& finding) { list.push_back(finding); });
    return list;
  };
  EXPECT_TRUE(sweep().empty());
  char* younger = make(40);
  for (char* at : {block + 40, freed + 3, younger + 41}) *at = 1;
  const std::vector<Finding> list = sweep();
  ASSERT_EQ(list.size(), 3u);
  for (const Finding& finding : list) {
    const bool is_younger =
        finding.block.begin == reinterpret_cast<std::uintptr_t>(younger);
    EXPECT_EQ(finding.block.seen_whole, !is_younger);
  }
  EXPECT_EQ(heap_.view(place(freed)).alignment_log2, 6);
  // A block that is freed has not been seen since.
  EXPECT_TRUE(sweep().empty());
  release(block);
  block[5] = 1;
  EXPECT_FALSE(found().at(0).block.seen_whole);
}

TEST_F(CheckedHeapTest, DamageIsFoundInBlocksThatAreNeverFreed) {
  char* block = make(40);
  make(40);
  memset(block + 40, 7, 20);
  const std::vector<Finding> list = found();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].kind, FaultKind::kHeapBufferOverflow);
  EXPECT_EQ(list[0].damage.size(), 20u);
  EXPECT_TRUE(found().empty());
}

TEST_F(CheckedHeapTest, AWriteAfterFreeIsFoundWhenTheSlotIsUsedAgain) {
  char* block = make(100);
  const StackNodeId alloc_stack = stacks_;
  release(block);
  const StackNodeId free_stack = stacks_;
  block[50] = 1;
  // Through the quarantine, and back.
  for (int i = 0; i < 20000 && findings_.empty(); ++i) release(make(100));
  const std::vector<Finding> list = found();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].kind, FaultKind::kWriteAfterFree);
  EXPECT_EQ(list[0].damage.first, reinterpret_cast<std::uintptr_t>(block) + 50);
  EXPECT_EQ(list[0].block.alloc_stack, alloc_stack);
  EXPECT_EQ(list[0].block.free_stack, free_stack);
}

TEST_F(CheckedHeapTest, AWriteAfterFreeIsFoundInTheQuarantine) {
  char* block = make(100);
  release(block);
  block[0] = 1;
  EXPECT_EQ(found().at(0).kind, FaultKind::kWriteAfterFree);
}

TEST_F(CheckedHeapTest, OnlyOneOfTwoFreesABlock) {
  char* block = make(10);
  const Place at = place(block);
  EXPECT_TRUE(heap_.claim(at));
  EXPECT_FALSE(heap_.claim(at));
  EXPECT_EQ(place(block).is, AddressIs::kFreedBlock);
  heap_.release(at, Api::kFree, 0, 1, cache_, findings_);
  EXPECT_EQ(place(block).is, AddressIs::kFreedBlock);
}

TEST_F(CheckedHeapTest, ALargeBlockIsKnownAfterItWasFreed) {
  char* block = make(1 << 20);
  release(block);
  EXPECT_EQ(place(block).is, AddressIs::kFreedBlock);
  EXPECT_FALSE(heap_.view(place(block + 100)).live);
}

// Pages of [begin, end) that are in memory.
std::size_t resident_pages(const char* begin, std::size_t bytes) {
  const auto from =
      (reinterpret_cast<std::uintptr_t>(begin) + 4095) & ~std::uintptr_t{4095};
  const auto to =
      (reinterpret_cast<std::uintptr_t>(begin) + bytes) & ~std::uintptr_t{4095};
  std::vector<unsigned char> pages((to - from) / 4096);
  EXPECT_EQ(mincore(reinterpret_cast<void*>(from), to - from, pages.data()), 0);
  return static_cast<std::size_t>(std::count(pages.begin(), pages.end(), 1));
}

TEST_F(CheckedHeapTest, SlabsOfSmallBlocksThatNobodyUsesGoBack) {
  constexpr std::size_t kCount = 400'000;  // 32 MB
  std::vector<char*> blocks;
  for (std::size_t i = 0; i < kCount; ++i) blocks.push_back(make(60));
  for (char* block : blocks) memset(block, 1, 60);
  blocks[123'456][61] = 2;
  for (char* block : blocks) release(block);
  EXPECT_EQ(found().size(), 1u);
  std::size_t resident = 0;
  for (std::size_t i = 0; i < kCount; i += 1000) {
    const auto page = reinterpret_cast<std::uintptr_t>(blocks[i]) & ~std::uintptr_t{4095};
    resident += resident_pages(reinterpret_cast<char*>(page), 4096);
  }
  EXPECT_LT(resident, kCount / 1000 / 4);
  // Their blocks are not forgotten.
  EXPECT_EQ(place(blocks[100]).is, AddressIs::kFreedBlock);
  EXPECT_EQ(place(blocks[100]).slab->kind, SlabKind::kSmall);
  // Blocks are made there again, and looked after as before.
  char* low = *std::min_element(blocks.begin(), blocks.end());
  char* high = *std::max_element(blocks.begin(), blocks.end());
  std::vector<char*> again;
  for (std::size_t i = 0; i < kCount; ++i) again.push_back(make(60, 0, i % 2 == 0));
  EXPECT_TRUE(std::all_of(again.begin(), again.end(),
                          [&](char* block) { return block >= low && block <= high; }));
  EXPECT_TRUE(std::all_of(again[10], again[10] + 60, [](char c) { return c == 0; }));
  EXPECT_TRUE(found().empty());
  for (const std::size_t i : {5u, 200'000u, 399'990u}) again[i][60] = 3;
  again[300'000][-1] = 3;
  EXPECT_EQ(found().size(), 4u);
}

TEST_F(CheckedHeapTest, WhatNobodyUsesAnyMoreGoesBack) {
  constexpr std::size_t kSize = 20000;
  constexpr std::size_t kCount =
      400;  // eight times what the quarantine and a thread keep
  std::vector<char*> blocks;
  for (std::size_t i = 0; i < kCount; ++i) blocks.push_back(make(kSize));
  for (char* block : blocks) memset(block, 1, kSize);
  for (char* block : blocks) release(block);
  std::size_t resident = 0;
  for (char* block : blocks) resident += resident_pages(block, kSize);
  EXPECT_LT(resident, kCount * 4 / 2);
  // Its block is not forgotten, and its slot can be used again.
  EXPECT_EQ(place(blocks[100]).is, AddressIs::kFreedBlock);
  for (std::size_t i = 0; i < kCount; ++i) {
    char* block = make(kSize, 0, true);
    EXPECT_TRUE(std::all_of(block, block + kSize, [](char byte) { return byte == 0; }));
    memset(block, 1, kSize);
  }
  EXPECT_TRUE(found().empty());
}

TEST_F(CheckedHeapTest, AWriteAfterFreeIsFoundBeforeItsPageGoesBack) {
  std::vector<char*> blocks;
  for (int i = 0; i < 400; ++i) blocks.push_back(make(20000));
  release(blocks[0]);
  blocks[0][10000] = 1;
  for (std::size_t i = 1; i < blocks.size(); ++i) release(blocks[i]);
  const std::vector<Finding> list = found();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].kind, FaultKind::kWriteAfterFree);
  EXPECT_EQ(list[0].block.begin, reinterpret_cast<std::uintptr_t>(blocks[0]));
}

TEST_F(CheckedHeapTest, WhatCannotBeHadIsRefused) {
  EXPECT_EQ(make(std::size_t{1} << 60), nullptr);
  EXPECT_EQ(make(~std::size_t{0}), nullptr);
  EXPECT_EQ(make(1, 63), nullptr);
}

TEST_F(CheckedHeapTest, ThreadsTradeBlocks) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20000;
  std::atomic<char*> boxes[64] = {};
  std::vector<std::thread> threads;
  std::atomic<int> found_anything{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ThreadCache cache;
      Findings findings;
      std::mt19937 random(static_cast<unsigned>(t));
      const auto take_back = [&](char* block) {
        const Place at = heap_.find(reinterpret_cast<std::uintptr_t>(block));
        if (at.is != AddressIs::kBlock || !heap_.claim(at)) ++found_anything;
        heap_.release(at, Api::kFree, 0, 0, cache, findings);
      };
      for (int i = 0; i < kRounds; ++i) {
        BlockRequest request;
        request.size = random() % 2000;
        auto* block = static_cast<char*>(heap_.allocate(request, cache, findings));
        memset(block, t, request.size);
        if (char* old = boxes[random() % 64].exchange(block)) take_back(old);
      }
      heap_.flush(cache, findings);
      if (!findings.empty()) ++found_anything;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found_anything, 0);
  EXPECT_TRUE(found().empty());
}

}  // namespace
}  // namespace memoir
