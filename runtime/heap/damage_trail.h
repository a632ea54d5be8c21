#pragma once

// From one damaged byte to the whole of what one write damaged: how far it reaches, over
// the borders of blocks and slabs, and whose fault it is.
//
//   | block A ...... canary | redzone | block B ......... canary | redzone | block C ...
//                   ^^^^^^^^^^^^^^^^^^^^(unseen)^^^^^^^^^^^^^^^^^^^^^^^
//                   one trail, which began where A ends
//
// Bytes of live blocks cannot be told from what a program wrote there on purpose: a trail
// goes through them when it comes in with a full redzone on one side and goes on at once
// on the other.
//
// Thread safety: any thread, for damage beside a block that is its own or at rest; what
// others do to the blocks around is seen or not. Async-signal safe.

#include <cstddef>
#include <cstdint>

#include "base/fault_kind.h"
#include "base/spin_lock.h"
#include "heap/diagnose.h"
#include "heap/redzone.h"
#include "heap/slab.h"
#include "heap/slab_source.h"

namespace memoir {

// A slot of some slab.
struct SlotPlace {
  const Slab* slab = nullptr;
  std::uint32_t slot = 0;

  explicit operator bool() const { return slab != nullptr; }
  const BlockRecord& record() const { return slab->records[slot]; }
  friend bool operator==(const SlotPlace&, const SlotPlace&) = default;
};

// The heap's memory, as far as it is known what must stand there. `own` is the block that
// is being freed, if any: it counts as live. `guarding` is CheckedHeap's.
struct HeapMemory {
  const SlabSource& slabs;
  SpinLock& guarding;
  std::uint64_t canary = 0;
  SlotPlace own = {};
};

// What one write damaged, and whose fault it is: the block it ran out of, or the freed
// one it ran in.
struct DamageTrail {
  DamagedBytes damage;
  FaultKind kind = FaultKind::kNone;
  SlotPlace guilty = {};
  SlotPlace other = {};  // on the other side of the damage, if any
  // Who came from a page that had to be opened was told of then. One that he goes into
  // may have been opened for another.
  bool is_told = false;
};

// The trail that a damaged byte belongs to.
DamageTrail follow_damage(const HeapMemory& memory, std::uintptr_t damaged);

// The trail of a write that has come as far as an inaccessible address, from below or
// from above; nobody's where there is none.
DamageTrail find_trail_to(const HeapMemory& memory, std::uintptr_t address);

// Puts back what must stand in the damaged bytes, and closes the pages among them that
// had to be opened. What another thread changes meanwhile is left to it.
void mend_damage(const HeapMemory& memory, const DamagedBytes& damage);

}  // namespace memoir
