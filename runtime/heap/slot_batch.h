#pragma once

// Slots on their way: from a slab to a thread, from a thread through the quarantine and
// back. They travel by the hundred, so that locks, and the signals that are blocked for
// them, are rare. Slots are named by the first byte of their room; their memory stays as
// it is.
//
// Thread safety: SlotBatchPool from any thread, with signals blocked.

#include <cstddef>
#include <cstdint>

#include "base/metadata_arena.h"
#include "base/spin_lock.h"
#include "heap/block_record.h"

namespace memoir {

// What is kept of a slot beside its memory.
inline constexpr std::uint32_t kKeptWithSlot =
    sizeof(BlockRecord) + sizeof(std::uintptr_t);

struct SlotBatch {
  static constexpr std::uint32_t kCapacity = 510;

  SlotBatch* next = nullptr;
  std::uint32_t count = 0;
  std::uint32_t bytes = 0;  // of the slots, where somebody counts them
  std::uintptr_t slots[kCapacity] = {};

  bool full() const { return count == kCapacity; }
  bool empty() const { return count == 0; }
  void push(std::uintptr_t slot) { slots[count++] = slot; }
  std::uintptr_t pop() { return slots[--count]; }
};

static_assert(sizeof(SlotBatch) == 4096);

// Empty batches.
class SlotBatchPool {
 public:
  // nullptr when the kernel refuses memory.
  SlotBatch* take(MetadataArena& arena) {
    {
      SpinGuard guard(lock_);
      if (SlotBatch* batch = free_) {
        free_ = batch->next;
        batch->next = nullptr;
        return batch;
      }
    }
    return static_cast<SlotBatch*>(arena.allocate(sizeof(SlotBatch)));
  }

  void give(SlotBatch* batch) {
    batch->count = 0;
    batch->bytes = 0;
    SpinGuard guard(lock_);
    batch->next = free_;
    free_ = batch;
  }

  SpinLock& lock() { return lock_; }

 private:
  SpinLock lock_;
  SlotBatch* free_ = nullptr;
};

}  // namespace memoir
