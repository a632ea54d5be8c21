#pragma once

// Looks whether the memory around a block, or of a freed one, is as the heap left it;
// tells whose fault it is if not, and mends it, so that it is found once.
//
// Thread safety: who calls owns the slot (invariant of BlockRecord), or checks again that
// nothing changed meanwhile.

#include <cstdint>

#include "base/fault_kind.h"
#include "base/nearby_memory.h"
#include "heap/diagnose.h"
#include "heap/redzone.h"
#include "heap/slab.h"

namespace memoir {

struct HeapMemory;

// What was found wrong, and with which block.
struct Finding {
  FaultKind kind = FaultKind::kNone;
  BlockView block;
  DamagedBytes damage;
  NearbyMemory memory;  // as it was found: it is mended
};

// The findings of one operation; more than fit are dropped, the first are kept.
class Findings {
 public:
  Findings() {}  // leaves the list as it is: there is hardly ever one

  // Takes a copy of the memory around, if there is none. What was done to the same block
  // in the same way is one finding.
  void add(const Finding& finding);
  bool empty() const { return count_ == 0; }
  const Finding* begin() const { return list_; }
  const Finding* end() const { return list_ + count_; }

 private:
  static constexpr std::uint32_t kMost = 4;
  std::uint32_t count_ = 0;
  union {
    Finding list_[kMost];
  };
};

BlockView view_block(const Slab& slab, std::uint32_t slot);

// The canaries of a live block of any kind.
bool is_whole(const Slab& slab, std::uint32_t slot, std::uint64_t canary);
void report_damage(const HeapMemory& memory, const Slab& slab, std::uint32_t slot,
                   Findings& findings);

// A small slot in which nothing lives: its redzone in front, and the freed pattern if a
// block has lived there.
bool is_untouched(const Slab& slab, std::uint32_t slot, std::uint64_t canary);
void report_touched(const HeapMemory& memory, const Slab& slab, std::uint32_t slot,
                    Findings& findings);

// The guard pages beside a slot that is about to be used again, or of a block that is
// being freed. Where they are open, somebody came through: what he damaged around is
// mended, and told if it was not, before it falls into parts that tell of others.
void report_passage(const HeapMemory& memory, const Slab& slab, std::uint32_t slot,
                    Findings& findings);

}  // namespace memoir
