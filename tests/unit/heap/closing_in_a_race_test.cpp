// Who follows damage through pages between guards reads what another thread makes
// inaccessible at the same time: he must not fault.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "base/pages.h"
#include "heap/checked_heap.h"
#include "heap/guard_fault.h"
#include "heap/guard_pages.h"

namespace memoir {
namespace {

constexpr std::size_t kSize = 16;
constexpr std::size_t kLargeSize = 100'000;
constexpr int kRounds = 3000;

class ClosingInARaceTest : public testing::TestWithParam<bool> {
 protected:
  ClosingInARaceTest() {
    choose_guard_method(GetParam());
    HeapSettings settings;
    settings.canary_seed = 7;
    settings.retired_bytes = 1 << 20;
    heap_->start(settings);
    GuardedSlotSettings slots;
    slots.memory_bytes = 1 << 20;
    slots.space_bytes = 4 << 20;
    slots.waiting = 2;
    heap_->start_guards({}, slots);
  }

  std::uintptr_t make(std::size_t size) {
    BlockRequest request;
    request.size = size;
    void* block = size == kLargeSize ? heap_->allocate(request, cache_, findings_)
                                     : heap_->allocate_guarded(request, GuardSide::kLeft,
                                                               false, cache_, findings_);
    return reinterpret_cast<std::uintptr_t>(block);
  }

  void release(std::uintptr_t block) {
    const Place at = heap_->find(block);
    ASSERT_TRUE(heap_->claim(at));
    heap_->release(at, Api::kFree, 0, 1, cache_, findings_);
    findings_ = {};
  }

  static void damage(std::uintptr_t begin, std::uintptr_t end) {
    for (std::uintptr_t at = begin; at < end; ++at) {
      __atomic_store_n(reinterpret_cast<char*>(at), 0, __ATOMIC_RELAXED);
    }
  }

  // Follows whatever leads to the guard behind the block that lives now, until told.
  void follow() {
    while (!over_.load()) {
      const std::uintptr_t guard = guard_.load();
      if (guard != 0) heap_->find_trail_to(guard);
    }
  }

  const std::unique_ptr<CheckedHeap> heap_ = std::make_unique<CheckedHeap>();
  ThreadCache cache_;
  Findings findings_;
  std::atomic<std::uintptr_t> guard_{0};
  std::atomic<bool> over_{false};
};

TEST_P(ClosingInARaceTest, BlocksThatAreFreed) {
  std::thread follower([this] { follow(); });
  for (int i = 0; i < kRounds; ++i) {
    const std::uintptr_t block = make(kSize);
    const std::uintptr_t guard = (block | (kPageSize - 1)) + 1;
    damage(block + kSize, guard);
    guard_ = guard;
    release(block);
  }
  over_ = true;
  follower.join();
}

// The slabs of large blocks are used again: what is read of them without the lock may
// belong to none, and only tells where to look.
#ifndef __SANITIZE_THREAD__
TEST_P(ClosingInARaceTest, PagesThatWereOpened) {
  std::thread follower([this] { follow(); });
  for (int i = 0; i < kRounds; ++i) {
    const std::uintptr_t block = make(kLargeSize);
    const std::uintptr_t guard = round_up(block + kLargeSize, kPageSize);
    damage(block + kLargeSize, guard);
    const TouchedGuard touched = find_touched_guard(*heap_, guard, true);
    ASSERT_TRUE(open_guard_page(*heap_, touched, guard));
    damage(guard, guard + kPageSize);
    guard_ = guard + kPageSize;
    release(block);
  }
  over_ = true;
  follower.join();
}
#endif

INSTANTIATE_TEST_SUITE_P(BothMethods, ClosingInARaceTest, testing::Bool());

}  // namespace
}  // namespace memoir
