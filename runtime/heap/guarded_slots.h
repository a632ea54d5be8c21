#pragma once

// Slots between guard pages, for small blocks.
//
//   | guard | pages | guard | pages | guard | ...     slots of 1 to 16 pages
//              slot 0          slot 1
//
// A block lies at one end of its pages, and a canary fills the rest. A freed slot has no
// memory: touching it faults. It waits in a queue, first in, first out, until many others
// were freed.
//
// Invariants:
//  (1) Pages of a slot are accessible from take() to close(), and of a freed one only
//      where a report has opened one.
//  (2) What live slots take of memory, and all slots of address space, stays below the
//      settings, but for a few that are sure to be wanted.
//
// Thread safety: any thread, with signals blocked.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/spin_lock.h"
#include "heap/slab_source.h"

namespace memoir {

struct GuardedSlotSettings {
  std::uint64_t memory_bytes = 0;  // of live slots; 0: there are none
  std::uint64_t space_bytes = 0;
  // Where each slot is a mapping of its own.
  std::uint32_t most_live = ~0u;
  // How many freed slots of a size wait at least, while there is address space.
  std::uint32_t waiting = 4096;
};

struct GuardedSlot {
  Slab* slab = nullptr;
  std::uint32_t slot = 0;
};

class GuardedSlots {
 public:
  void start(const GuardedSlotSettings& settings) { settings_ = settings; }

  // A slot with room for so many bytes, in state kOpening, and accessible; no slab where
  // that cannot be. What its memory holds is not known. What is `sure` may go beyond
  // `memory_bytes`.
  GuardedSlot take(std::size_t bytes, SlabSource& source, bool sure = false);

  // Takes the memory of a slot in state kClosing away; it is in state kFreed afterwards.
  void close(Slab& slab, std::uint32_t slot);

  // What live slots take.
  std::uint64_t memory() const { return memory_.load(std::memory_order_relaxed); }

  SpinLock& lock() { return lock_; }

 private:
  static constexpr std::size_t kSizes = 8;

  struct Size {
    Slab* slab = nullptr;  // with slots that were never used
    // A ring of closed slots: the slab's address << 16 | slot.
    std::uint64_t* closed = nullptr;
    std::uint32_t capacity = 0;
    std::uint32_t oldest = 0;
    std::uint32_t count = 0;
  };

  GuardedSlot find_slot(std::size_t index, SlabSource& source);
  GuardedSlot pop_closed(Size& size);
  bool make_slab(std::size_t index, SlabSource& source);
  bool make_queue(Size& size, std::uint64_t stride, MetadataArena& arena) const;
  void release_budget(const Slab& slab);

  SpinLock lock_;
  Size sizes_[kSizes];
  GuardedSlotSettings settings_;
  std::atomic<std::uint64_t> memory_{0};
  std::uint64_t space_ = 0;
  std::uint32_t live_ = 0;
};

}  // namespace memoir
