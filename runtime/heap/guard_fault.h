#pragma once

// What it means that an address of the heap's cannot be touched.
//
// Thread safety and signals: any thread, also in the handler of the fault; takes no lock.

#include <cstdint>

#include "heap/checked_heap.h"

namespace memoir {

struct TouchedGuard {
  FaultKind kind = FaultKind::kNone;  // kNone: no guard of the heap's
  BlockView block;
};

// The guard that an access to this address ran into. None where the heap keeps nothing
// inaccessible: the program itself has protected its memory.
TouchedGuard find_touched_guard(const CheckedHeap& heap, std::uintptr_t address);

// Makes the page accessible: it holds the freed pattern, or zeros beyond a block. False
// when the kernel refuses.
bool open_guard_page(const TouchedGuard& touched, std::uintptr_t address);

}  // namespace memoir
