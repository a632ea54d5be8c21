// The way of freed slots from a thread into the quarantine, and out of it to new blocks,
// or back to the kernel.

#include <sys/mman.h>

#include "base/blocked_signals.h"
#include "base/compiler.h"
#include "base/pages.h"
#include "base/raw_syscall.h"
#include "heap/checked_heap.h"

namespace memoir {
namespace {

// Most slots of this size have a page of their own.
constexpr std::uint32_t kLeastStride = 5000;
// What a thread keeps of a class without use for it.
constexpr std::uint64_t kMostIdle = std::uint64_t{128} << 10;

}  // namespace

bool CheckedHeap::is_surplus(const SlotBatch& batch, const Slab& slab) {
  return batch.full() || std::uint64_t{batch.count} * slab.stride >= kMostIdle;
}

// Gives the kernel the pages of larger slots back, after a last look at them. What is
// written to them from now on is not found.
void CheckedHeap::give_pages_back(const SlotBatch& batch, Findings& findings) {
  for (std::uint32_t i = 0; i < batch.count; ++i) {
    const std::uintptr_t room = batch.slots[i];
    Slab& slab = *source_.find(room);
    if (slab.stride < kLeastStride) return;  // all are of one class
    const std::uint32_t slot = slot_index(slab, room);
    BlockRecord& record = slab.records[slot];
    if (record.state.load(std::memory_order_relaxed) != BlockState::kFreed) continue;
    if (!is_untouched(slab, slot, canary_)) {
      report_touched(memory(), slab, slot, findings);
    }
    // First the state: a sweep that looks meanwhile sees that it changed.
    record.state.store(BlockState::kHollow, std::memory_order_release);
    const std::uintptr_t begin = round_up(room, kPageSize);
    const std::uintptr_t end = room_end(slab, slot) & ~(kPageSize - 1);
    if (begin < end) raw_syscall(SYS_madvise, begin, end - begin, MADV_DONTNEED);
  }
}

MEMOIR_SLOW_PATH void CheckedHeap::push_batch(ThreadCache& cache, Findings& findings) {
  const BlockedSignals blocked;
  SlotBatch* full = cache.freed;
  cache.freed = batches_.take(source_.arena());
  if (full == nullptr) return;
  enter_quarantine(full, cache, findings);
}

// Batches differ in bytes: one that goes in may push several out.
void CheckedHeap::enter_quarantine(SlotBatch* batch, ThreadCache& cache,
                                   Findings& findings) {
  SlotBatch* oldest = quarantine_.push(batch);
  while (oldest != nullptr) {
    reuse(oldest, cache, findings);
    oldest = quarantine_.pop_surplus();
  }
}

void CheckedHeap::reuse(SlotBatch* batch, ThreadCache& cache, Findings& findings) {
  while (!batch->empty()) {
    const std::uintptr_t room = batch->pop();
    const Slab& slab = *source_.find(room);
    const std::size_t index = slab.size_class;
    SlotBatch* free = cache.free[index];
    if (free == nullptr || is_surplus(*free, slab)) {
      if (free != nullptr) {
        give_pages_back(*free, findings);
        if (store_.give(index, free)) give_back_idle(index, findings);
        serve_other_ends();
      }
      free = batches_.take(source_.arena());
      cache.free[index] = free;
      if (free == nullptr) continue;
    }
    free->push(room);
  }
  batches_.give(batch);
}

void CheckedHeap::flush(ThreadCache& cache, Findings& findings) {
  const BlockedSignals blocked;
  if (SlotBatch* freed = cache.freed) {
    cache.freed = nullptr;
    enter_quarantine(freed, cache, findings);
  }
  for (std::size_t i = 0; i < kSizeClasses; ++i) {
    SlotBatch* batch = cache.free[i];
    cache.free[i] = nullptr;
    if (batch == nullptr) continue;
    if (batch->empty()) {
      batches_.give(batch);
    } else {
      store_.give(i, batch);
    }
  }
}

// What is kept of freed blocks must not be what the program lacks.
MEMOIR_SLOW_PATH bool CheckedHeap::give_up_freed(ThreadCache& cache, Findings& findings) {
  const BlockedSignals blocked;
  bool any = false;
  {
    SpinGuard guard(guarding_);
    any = large_.forget_closed(source_);
  }
  while (SlotBatch* batch = quarantine_.pop()) {
    reuse(batch, cache, findings);
    any = true;
  }
  return any;
}

}  // namespace memoir
