#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "heap/bytes_left.h"
#include "heap/checked_heap.h"
#include "heap/guard_pages.h"

namespace memoir {
namespace {

class ToldDamageTest : public testing::Test {
 protected:
  ToldDamageTest() {
    choose_guard_method(true);
    HeapSettings settings;
    settings.canary_seed = 42;
    heap_->start(settings);
  }

  char* make(std::size_t size) {
    BlockRequest request;
    request.size = size;
    return static_cast<char*>(heap_->allocate(request, cache_, findings_));
  }

  static std::uintptr_t address(const char* at) {
    return reinterpret_cast<std::uintptr_t>(at);
  }

  void release(const char* block) {
    const Place at = heap_->find(address(block));
    ASSERT_TRUE(heap_->claim(at));
    heap_->release(at, Api::kFree, kNoStack, 1, cache_, findings_);
  }

  // A write that is told of as it is done.
  void write_told(const char* block, char* from, std::size_t size) {
    const Place place = heap_->find(address(block));
    heap_->mark_told(place);
    memset(from, 'x', size);
    heap_->mend_beyond(place, address(from), address(from) + size);
  }

  std::size_t bytes_left_at(const char* at) const {
    const Slab* slab = heap_->slab_of(address(at));
    return slab == nullptr ? std::size_t{99999} : bytes_left(*slab, address(at));
  }

  // All that is found, when everything is looked at.
  std::size_t found() {
    std::size_t count = static_cast<std::size_t>(findings_.end() - findings_.begin());
    findings_ = {};
    heap_->check_all([&](const Finding&) { ++count; });
    return count;
  }

  const std::unique_ptr<CheckedHeap> heap_ = std::make_unique<CheckedHeap>();
  ThreadCache cache_;
  Findings findings_;
};

TEST_F(ToldDamageTest, BytesAreLeftUpToTheEndOfALiveBlock) {
  const std::size_t sizes[] = {1, 10, 16, 100, 5000, 65536, 65537, 1 << 20};
  for (const std::size_t size : sizes) {
    const char* block = make(size);
    EXPECT_EQ(bytes_left_at(block), size);
    EXPECT_EQ(bytes_left_at(block + size - 1), 1u);
    EXPECT_EQ(bytes_left_at(block + size), 0u);
    EXPECT_EQ(bytes_left_at(block + size + 1), 0u);
    EXPECT_EQ(bytes_left_at(block - 1), 0u);
    release(block);
    EXPECT_EQ(bytes_left_at(block), 0u);
  }
  char local = 0;
  EXPECT_EQ(bytes_left_at(&local), 99999u);
  EXPECT_EQ(bytes_left_at(make(0)), 0u);
}

TEST_F(ToldDamageTest, AnOverflowIsNotFoundAgainByAnyLength) {
  for (const std::size_t size : {10u, 16u, 40u, 100u, 1000u}) {
    for (const std::size_t over : {1u, 7u, 20u, 200u, 3000u}) {
      std::vector<char*> blocks;
      for (int i = 0; i < 100; ++i) blocks.push_back(make(size));
      for (std::size_t i = 0; i < 100; i += 3) release(blocks[i]);
      write_told(blocks[1], blocks[1] + size, over);
      ASSERT_EQ(found(), 0u) << size << " and " << over;
      for (std::size_t i = 0; i < 100; ++i) {
        if (i % 3 != 0) release(blocks[i]);
      }
      ASSERT_EQ(found(), 0u) << size << " and " << over;
    }
  }
}

TEST_F(ToldDamageTest, WhatWasWrittenBehindTheBlockStaysThere) {
  char* block = make(10);
  write_told(block, block + 10, 3);
  EXPECT_EQ(std::string(block + 10, 3), "xxx");
}

TEST_F(ToldDamageTest, AnUnderflowIsNotFoundAgain) {
  for (const std::size_t under : {1u, 16u, 20u}) {
    std::vector<char*> blocks;
    for (int i = 0; i < 10; ++i) blocks.push_back(make(16));
    write_told(blocks[5], blocks[5] - under, under);
    for (const char* block : blocks) release(block);
    EXPECT_EQ(found(), 0u) << under;
  }
}

TEST_F(ToldDamageTest, AWriteAfterFreeIsNotFoundAgain) {
  char* block = make(100);
  release(block);
  write_told(block, block + 10, 20);
  EXPECT_EQ(found(), 0u);
}

TEST_F(ToldDamageTest, WhatWasNotToldIsFoundBesideWhatWas) {
  std::vector<char*> blocks;
  for (int i = 0; i < 10; ++i) blocks.push_back(make(10));
  write_told(blocks[2], blocks[2] + 10, 4);
  blocks[7][10] = 1;
  EXPECT_EQ(found(), 1u);
}

TEST_F(ToldDamageTest, TheNextBlockInItsPlaceIsJudgedAnew) {
  char* block = make(10);
  write_told(block, block + 10, 4);
  release(block);
  block[3] = 1;
  EXPECT_EQ(found(), 1u);
}

}  // namespace
}  // namespace memoir
