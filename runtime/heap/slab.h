#pragma once

// A stretch of memory that is cut into equal slots, with a record for each.
//
//   small     | slot 0 | slot 1 | ... | redzone |        slots of one size class
//   large     | guard | block ....... | guard |          one slot
//   guarded   | guard | slot 0: pages, guard | slot 1: pages, guard | ...
//
// Invariants:
//  (1) Slabs begin and end at multiples of kGranule, and the page map knows each granule.
//  (2) Small and guarded slabs are never given back. Large ones are; their descriptor
//  stays
//      among all slabs, with a record that is not live, until it is used again.
//
// Thread safety: constant once it is in the page map, but for `used`, `cut` and the
// records.

#include <atomic>
#include <cstdint>

#include "base/compiler.h"
#include "heap/block_record.h"
#include "heap/size_class.h"

namespace memoir {

inline constexpr unsigned kGranuleLog2 = 18;
inline constexpr std::uintptr_t kGranule = std::uintptr_t{1} << kGranuleLog2;

enum class SlabKind : std::uint8_t { kSmall, kLarge, kGuarded };

struct Slab {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uintptr_t first = 0;   // of slot 0
  std::uint64_t inverse = 0;  // of the stride, times 2^40; 0: there is one slot
  BlockRecord* records = nullptr;
  std::uint32_t stride = 0;
  std::uint32_t redzone = 0;  // in front of each block of a small slab
  std::uint32_t slots = 0;
  SlabKind kind = SlabKind::kSmall;
  std::uint8_t size_class = 0;  // of small slabs; of guarded ones: log2 of a slot's pages
  std::atomic<std::uint32_t> used{0};  // slots that were ever handed out
  // Of a small slab: slots that have memory, with redzones around them. Less than `used`
  // when no slot was in use and the memory was given back.
  std::atomic<std::uint32_t> cut{0};
  std::uint32_t idle = 0;         // for who counts (idle_slabs.cpp)
  std::uint64_t waiting[4] = {};  // the same: a bit a slot, where there are so few
  std::uint64_t data_bytes = 0;   // of a large or guarded slot, between its guards
  Slab* next = nullptr;       // of all slabs; never changes once the slab is among them
  Slab* next_free = nullptr;  // of the descriptors that wait to be used again
  bool listed = false;
  bool has_guards = false;  // of a large slot
};

// The slot an address lies in (guards and redzones belong to one, too); `slots` or more
// when it lies behind the last. The address is one of the slab's, at or behind `first`.
inline std::uint32_t slot_index(const Slab& slab, std::uintptr_t address) {
  return static_cast<std::uint32_t>((address - slab.first) * slab.inverse >> 40);
}

inline std::uint64_t stride_inverse(std::uint32_t stride) {
  return (std::uint64_t{1} << 40) / stride + 1;
}

// Where the room of a slot begins, and where it ends.
inline std::uintptr_t room_begin(const Slab& slab, std::uint32_t slot) {
  return slab.first + std::uintptr_t{slab.stride} * slot + slab.redzone;
}
inline std::uintptr_t room_end(const Slab& slab, std::uint32_t slot) {
  if (slab.kind != SlabKind::kSmall) return room_begin(slab, slot) + slab.data_bytes;
  return slab.first + std::uintptr_t{slab.stride} * (slot + std::uintptr_t{1});
}

inline std::uintptr_t block_begin(const Slab& slab, std::uint32_t slot) {
  const BlockRecord& record = slab.records[slot];
  if (MEMOIR_UNLIKELY(record.offset == kExactOffset)) {
    return room_end(slab, slot) - record.size;
  }
  return room_begin(slab, slot) + slab.records[slot].offset * kBlockAlignment;
}

}  // namespace memoir
