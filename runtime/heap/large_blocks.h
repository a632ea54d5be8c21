#pragma once

// Blocks that are too large for slots: each has a mapping of its own. It ends where a
// guard page begins, but for what its alignment leaves; another guard stands in front.
//
//   | guard | canary | block | canary | guard ............ |
//           first            data end          a multiple of kGranule
//
// A freed one keeps its addresses, without memory, for a long time: whoever touches it
// faults; of the last of those whose addresses went to others the records are kept. Where
// guards are mappings of their own, only so many live blocks have them.
//
// Thread safety: any thread, with signals blocked.

#include <cstddef>
#include <cstdint>

#include "base/spin_lock.h"
#include "heap/lost_blocks.h"
#include "heap/slab_source.h"

namespace memoir {

struct LargeSlot {
  Slab* slab = nullptr;
  std::uintptr_t begin = 0;  // of the block
};

class LargeBlocks {
 public:
  // How much address space freed blocks may keep.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }

  // A slot for a block, in state kOpening; no slab when the kernel refuses.
  LargeSlot make(std::size_t size, std::uint8_t alignment_log2, SlabSource& source);

  // Takes the memory of a slot in state kClosing away; it is in state kFreed afterwards.
  void close(Slab& slab, SlabSource& source);

  // Gives up the addresses of all freed blocks, for who has no others. False when there
  // are none.
  bool forget_closed(SlabSource& source);

  // Makes the pages of a new slot zero: what lies beside other blocks may have been
  // written to before it was anybody's.
  static void clear(const Slab& slab);

  // What is known of the last block at an address that was given up.
  bool find_lost(std::uintptr_t address, BlockView& block) const;

  SpinLock& lock() { return lock_; }

 private:
  static constexpr std::uint32_t kMostClosed = 4096;
  // Where a guard is a mapping of its own: what is a guard for a block must not be the
  // end of the kernel's list for the program. It has 65,530 entries; a block takes three.
  static constexpr std::uint32_t kMostProtected = 8192;

  bool may_guard();
  void end_guard();
  Slab* pop_oldest();
  void give_up(Slab& slab, SlabSource& source);

  mutable SpinLock lock_;
  LostBlocks lost_;
  Slab* closed_[kMostClosed] = {};  // a queue
  std::uint32_t oldest_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t protected_ = 0;  // live blocks with guards that are mappings
  std::uint64_t bytes_ = 0;
  std::uint64_t capacity_ = 0;
};

}  // namespace memoir
