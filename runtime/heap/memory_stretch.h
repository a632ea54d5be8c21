#pragma once

// What must stand at an address of the heap: a canary, a freed block's pattern, or
// whatever the program likes.
//
// Thread safety and signals: reads records; safe anywhere.

#include <cstdint>

#include "base/blocked_signals.h"
#include "base/spin_lock.h"
#include "heap/damage_trail.h"

namespace memoir {

enum class StretchKind : std::uint8_t {
  kNone,    // nothing of the heap's, or inaccessible
  kOpaque,  // a live block's bytes, or a room that nothing lives in
  kCanary,  // around blocks, and in guard pages that were opened
  kFreed,   // the room of a freed block, as far as it is accessible
};

// Consecutive bytes of one kind.
struct Stretch {
  StretchKind kind = StretchKind::kNone;
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  // Whose redzone (in front of it), room or bytes these are. A slab's last redzone is
  // that of a slot that was never handed out, or is none.
  SlotPlace place = {};
  // A page that was inaccessible until somebody touched it.
  bool is_opened = false;

  bool is_known() const {
    return kind == StretchKind::kCanary || kind == StretchKind::kFreed;
  }
};

Stretch stretch_at(const HeapMemory& memory, std::uintptr_t address);

// A stretch that the program itself has made inaccessible is none.
Stretch accessible_stretch(const HeapMemory& memory, std::uintptr_t address);

// Calls look(stretch) for the stretch at an address. What it says is accessible stays so
// until look() returns, which must not take HeapMemory's lock.
template <typename Look>
void while_accessible(const HeapMemory& memory, std::uintptr_t address, Look look) {
  const Slab* slab = memory.slabs.find(address);
  if (slab != nullptr && slab->kind == SlabKind::kSmall) {
    return look(stretch_at(memory, address));
  }
  const BlockedSignals blocked;
  SpinGuard guard(memory.guarding);
  look(accessible_stretch(memory, address));
}

// The byte that must stand at an address of a known stretch.
std::uint8_t expected_byte(const HeapMemory& memory, const Stretch& stretch,
                           std::uintptr_t address);

}  // namespace memoir
