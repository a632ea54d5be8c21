#include "heap/guard_fault.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/careful_read.h"
#include "heap/guard_pages.h"

namespace memoir {
namespace {

// Both ways to make a page inaccessible.
class GuardFaultTest : public testing::TestWithParam<bool> {
 protected:
  GuardFaultTest() {
    choose_guard_method(GetParam());
    HeapSettings settings;
    settings.canary_seed = 7;
    heap_->start(settings);
  }

  std::uintptr_t make(std::size_t size) {
    BlockRequest request;
    request.size = size;
    request.api = Api::kMalloc;
    return reinterpret_cast<std::uintptr_t>(heap_->allocate(request, cache_, findings_));
  }

  void release(std::uintptr_t block) {
    const Place at = heap_->find(block);
    ASSERT_TRUE(heap_->claim(at));
    heap_->release(at, Api::kFree, 0, 1, cache_, findings_);
  }

  static bool can_read(std::uintptr_t address) {
    char byte = 0;
    return read_carefully(address, &byte, 1) == CarefulRead::kRead;
  }

  const std::unique_ptr<CheckedHeap> heap_ = std::make_unique<CheckedHeap>();
  ThreadCache cache_;
  Findings findings_;
};

TEST_P(GuardFaultTest, BeyondALargeBlock) {
  const std::uintptr_t block = make(100000);
  const std::uintptr_t beyond = block + 100000 + 50;
  ASSERT_FALSE(can_read(beyond));
  const TouchedGuard touched = find_touched_guard(*heap_, beyond);
  EXPECT_EQ(FaultKind::kHeapBufferOverflow, touched.kind);
  EXPECT_EQ(block, touched.block.begin);
  ASSERT_TRUE(open_guard_page(*heap_, touched, beyond));
  EXPECT_TRUE(can_read(beyond));
  EXPECT_EQ(pattern_byte(heap_->canary(), beyond),
            *reinterpret_cast<const std::uint8_t*>(beyond));
  const TouchedGuard before =
      find_touched_guard(*heap_, (block & ~std::uintptr_t{4095}) - 8);
  EXPECT_EQ(FaultKind::kHeapBufferUnderflow, before.kind);
}

TEST_P(GuardFaultTest, InsideAFreedLargeBlock) {
  const std::uintptr_t block = make(100000);
  release(block);
  ASSERT_FALSE(can_read(block + 5000));
  const TouchedGuard touched = find_touched_guard(*heap_, block + 5000);
  EXPECT_EQ(FaultKind::kUseAfterFree, touched.kind);
  EXPECT_FALSE(touched.block.live);
  ASSERT_TRUE(open_guard_page(*heap_, touched, block + 5000));
  EXPECT_EQ('\xe5', *reinterpret_cast<const char*>(block + 5000));
  EXPECT_FALSE(can_read(block + 5000 + 4096));
}

TEST_P(GuardFaultTest, WhatTheProgramProtectedIsItsOwn) {
  const std::uintptr_t large = make(100000);
  const std::uintptr_t small = make(100);
  EXPECT_EQ(FaultKind::kNone, find_touched_guard(*heap_, large + 50).kind);
  EXPECT_EQ(FaultKind::kNone, find_touched_guard(*heap_, small).kind);
  EXPECT_EQ(FaultKind::kNone, find_touched_guard(*heap_, small + 200).kind);
  EXPECT_EQ(FaultKind::kNone, find_touched_guard(*heap_, 8).kind);
}

INSTANTIATE_TEST_SUITE_P(BothMethods, GuardFaultTest, testing::Bool());

}  // namespace
}  // namespace memoir
