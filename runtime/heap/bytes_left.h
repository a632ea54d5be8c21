#pragma once

// How far a live block reaches from an address: what those ask who look at an access
// before it happens, at every call.
//
// Pure, but for the records it reads. Thread safety: any thread, at any time; what
// another thread frees meanwhile is the caller's race.

#include <cstddef>
#include <cstdint>

#include "base/compiler.h"
#include "heap/slab.h"

namespace memoir {

// From an address of the slab to the end of the live block it lies in; 0 where it lies in
// none.
MEMOIR_FAST_PATH std::size_t bytes_left(const Slab& slab, std::uintptr_t address) {
  if (MEMOIR_UNLIKELY(address < slab.first)) return 0;
  const std::uint32_t slot = slot_index(slab, address);
  if (MEMOIR_UNLIKELY(slot >= slab.used.load(std::memory_order_relaxed))) return 0;
  const BlockRecord& record = slab.records[slot];
  if (MEMOIR_UNLIKELY(record.state.load(std::memory_order_relaxed) !=
                      BlockState::kLive)) {
    return 0;
  }
  const std::uintptr_t before = address - block_begin(slab, slot);
  const std::size_t size = record.size;
  return MEMOIR_LIKELY(before <= size) ? size - before : 0;
}

}  // namespace memoir
