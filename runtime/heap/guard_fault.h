#pragma once

// What it means that an address of the heap's cannot be touched.
//
// Thread safety and signals: any thread, also in the handler of the fault. Takes
// CheckedHeap::guarding() alone, under which nothing faults and no signal comes.

#include <cstdint>

#include "heap/checked_heap.h"

namespace memoir {

struct TouchedGuard {
  FaultKind kind = FaultKind::kNone;  // kNone: no guard of the heap's
  BlockView block;
  Place place;            // of the block
  bool is_told = false;   // a write that goes on, and was told when it began
  bool is_freed = false;  // memory of a freed block, which need not be the guilty one
};

// The guard that an access to this address ran into. None where the heap keeps nothing
// inaccessible: the program itself has protected its memory. The block that a write came
// from is found by what it has damaged on its way.
TouchedGuard find_touched_guard(const CheckedHeap& heap, std::uintptr_t address,
                                bool is_write = false);

// Makes the page accessible: it holds the freed pattern, or canary beyond a block. False
// when the kernel refuses.
bool open_guard_page(const CheckedHeap& heap, const TouchedGuard& touched,
                     std::uintptr_t address);

}  // namespace memoir
