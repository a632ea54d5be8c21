#pragma once

// What the heap knows of one slot: the block that lives in it, or the last one that did.
// Records lie apart from the blocks, so that an overflow cannot damage the evidence.
//
//   unused ──► live ──► freed (──► hollow) ──► live ...
//                 opening  closing      in between, for one thread alone
//
// Invariants:
//  (1) In kLive every canary around the block stands; in kFreed the whole slot holds the
//      freed pattern, or is inaccessible. Whoever changes a slot leaves those states
//      first and enters them last, so that a sweep may look at any time.
//  (2) Who moves a record from kLive to kClosing (one atomic exchange) frees the block.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/allocation_api.h"
#include "base/stack_node.h"

namespace memoir {

enum class BlockState : std::uint8_t {
  kUnused = 0,
  kOpening = 1,
  kLive = 2,
  kClosing = 3,
  kFreed = 4,
  kHollow = 5,  // freed long ago; its memory is not looked at any more
};

inline bool was_freed(BlockState state) {
  return state == BlockState::kFreed || state == BlockState::kHollow;
}

struct BlockRecord {
  std::atomic<BlockState> state{BlockState::kUnused};
  Api alloc_api = Api::kUnknown;
  Api free_api = Api::kUnknown;
  // Its alignment; kSeenWhole once a sweep found the block as it should be, until it is
  // freed, or another one; kBare.
  std::atomic<std::uint8_t> alignment_and_seen{0};
  // Differs between all blocks of a process, until 32 bits are used up.
  std::uint32_t number = 0;
  std::uint64_t size : 48 = 0;
  // From the slot's room to the block's first byte, in units of 16 bytes.
  std::uint64_t offset : 15 = 0;
  // Damage around it, or in it when it is freed, was told when it was done.
  std::uint64_t told : 1 = 0;
  StackNodeId alloc_stack = kNoStack;
  std::uint32_t alloc_thread = 0;
  StackNodeId free_stack = kNoStack;
  std::uint32_t free_thread = 0;

  static constexpr std::uint8_t kSeenWhole = 0x80;
  static constexpr std::uint8_t kBare = 0x40;
  std::uint8_t alignment_log2() const {
    return alignment_and_seen.load(std::memory_order_relaxed) & (kBare - 1);
  }
  bool was_seen_whole() const {
    return (alignment_and_seen.load(std::memory_order_relaxed) & kSeenWhole) != 0;
  }
  void see_whole() { alignment_and_seen.fetch_or(kSeenWhole, std::memory_order_relaxed); }
  // The redzone in front of this slot is not there: the one before it is hollow, too, and
  // their memory was given back. Who uses one of them puts it up.
  bool is_bare() const {
    return (alignment_and_seen.load(std::memory_order_acquire) & kBare) != 0;
  }
  void make_bare() { alignment_and_seen.fetch_or(kBare, std::memory_order_release); }
  void end_bare() {
    alignment_and_seen.fetch_and(static_cast<std::uint8_t>(~kBare),
                                 std::memory_order_release);
  }
  // The block is another one, or freed: nobody has seen it.
  void begin_unseen(std::uint8_t alignment_log2) {
    alignment_and_seen.store(alignment_log2, std::memory_order_relaxed);
  }

  // Where the word of `size`, `offset` and `told` lies; `told` is its highest bit.
  static constexpr std::size_t kSizeWord = 8;
};

static_assert(sizeof(BlockRecord) == 32);

// In place of an offset: the block ends where its room does, to the byte.
inline constexpr std::uint16_t kExactOffset = (1u << 15) - 1;

}  // namespace memoir
