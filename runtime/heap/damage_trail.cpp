#include "heap/damage_trail.h"

#include "base/pages.h"
#include "heap/guard_pages.h"
#include "heap/memory_stretch.h"

namespace memoir {
namespace {

// So many whole bytes end a trail. A write that skips fewer, or whose bytes happen to be
// the right ones, is one write.
constexpr std::uintptr_t kGap = 8;
// So near to a block is as good as at it.
constexpr std::uintptr_t kAlmost = 4;
// Of the smallest redzone: a trail that fills so much came through the block beside it.
constexpr std::uintptr_t kFullRedzone = 16 - kAlmost + 1;
constexpr std::uint64_t kFar = ~std::uint64_t{0};

std::uint8_t byte_at(std::uintptr_t address) {
  return __atomic_load_n(reinterpret_cast<const std::uint8_t*>(address),
                         __ATOMIC_RELAXED);
}

bool is_damaged(const HeapMemory& memory, const Stretch& stretch,
                std::uintptr_t address) {
  return byte_at(address) != expected_byte(memory, stretch, address);
}

// A search through one stretch after another: where it is, and what it has found.
struct Search {
  std::uintptr_t at = 0;
  std::uintptr_t found = 0;
  std::uintptr_t edge = 0;  // where the known memory ends, if it came so far
  bool is_over = false;

  void end_at_edge() {
    edge = at;
    is_over = true;
  }
};

void look_above(const HeapMemory& memory, const Stretch& stretch, Search& search) {
  if (!stretch.is_known()) return search.end_at_edge();
  for (; search.at < stretch.end; ++search.at) {
    if (is_damaged(memory, stretch, search.at)) {
      search.found = search.at + 1;
    } else if (search.at + 1 - search.found >= kGap) {
      search.is_over = true;
      return;
    }
  }
}

void look_below(const HeapMemory& memory, const Stretch& stretch, Search& search) {
  if (!stretch.is_known()) return search.end_at_edge();
  for (; search.at > stretch.begin; --search.at) {
    if (is_damaged(memory, stretch, search.at - 1)) {
      search.found = search.at - 1;
    } else if (search.found + 1 - search.at >= kGap) {
      search.is_over = true;
      return;
    }
  }
}

// The end of the damage that begins at `from` or within a gap behind it, as far as it
// stays in known memory and below `limit`; `from` when there is none. `edge` becomes
// where the known memory ends, if the search came so far.
std::uintptr_t damage_above(const HeapMemory& memory, std::uintptr_t from,
                            std::uintptr_t limit, std::uintptr_t& edge) {
  Search search{from, from};
  while (!search.is_over && search.at < limit) {
    while_accessible(memory, search.at, [&](const Stretch& stretch) {
      look_above(memory, stretch, search);
    });
  }
  edge = search.edge;
  return search.found;
}

// The same downwards: the begin of the damage that ends at `from` or within a gap below.
std::uintptr_t damage_below(const HeapMemory& memory, std::uintptr_t from,
                            std::uintptr_t limit, std::uintptr_t& edge) {
  Search search{from, from};
  while (!search.is_over && search.at > limit) {
    while_accessible(memory, search.at - 1, [&](const Stretch& stretch) {
      look_below(memory, stretch, search);
    });
  }
  edge = search.edge;
  return search.found;
}

// Whether one write went through all between `low` and `high`, which nobody can see.
bool goes_through(const HeapMemory& memory, std::uintptr_t low, std::uintptr_t high) {
  std::uintptr_t edge = 0;
  const std::uintptr_t below =
      low - damage_below(memory, low, low - 2 * kFullRedzone, edge);
  const std::uintptr_t above =
      damage_above(memory, high, high + 2 * kFullRedzone, edge) - high;
  return below != 0 && above != 0 && (below >= kFullRedzone || above >= kFullRedzone);
}

// Where the heap's memory may be unassigned between two slabs, and how far.
constexpr std::uintptr_t kWidestHole = std::uintptr_t{16} << 20;

// The next known memory at or above `from`; 0 when a guard or nothing is in between.
std::uintptr_t next_known(const HeapMemory& memory, std::uintptr_t from) {
  std::uintptr_t at = from;
  while (at - from <= kWidestHole) {
    const Stretch stretch = stretch_at(memory, at);
    if (stretch.is_known()) return at;
    const bool hole = memory.slabs.find(at) == nullptr;
    if (!hole && stretch.kind == StretchKind::kNone) return 0;
    at = hole ? (at | (kGranule - 1)) + 1 : stretch.end;
  }
  return 0;
}

// The end of the next known memory below `from`.
std::uintptr_t last_known(const HeapMemory& memory, std::uintptr_t from) {
  std::uintptr_t at = from;
  while (from - at <= kWidestHole && at > kGranule) {
    const Stretch stretch = stretch_at(memory, at - 1);
    if (stretch.is_known()) return at;
    const bool hole = memory.slabs.find(at - 1) == nullptr;
    if (!hole && stretch.kind == StretchKind::kNone) return 0;
    at = hole ? (at - 1) & ~(kGranule - 1) : stretch.begin;
  }
  return 0;
}

std::uintptr_t find_last(const HeapMemory& memory, std::uintptr_t from) {
  for (;;) {
    std::uintptr_t edge = 0;
    const std::uintptr_t last = damage_above(memory, from, UINTPTR_MAX, edge);
    if (edge == 0) return last;
    from = next_known(memory, edge);
    if (from == 0 || !goes_through(memory, edge, from)) return last;
  }
}

std::uintptr_t find_first(const HeapMemory& memory, std::uintptr_t from) {
  for (;;) {
    std::uintptr_t edge = 0;
    const std::uintptr_t first = damage_below(memory, from, 0, edge);
    if (edge == 0) return first;
    from = last_known(memory, edge);
    if (from == 0 || !goes_through(memory, from, edge)) return first;
  }
}

// A block that may be guilty, and how far from it the damage is.
struct Suspect {
  SlotPlace place = {};
  std::uint64_t distance = kFar;

  bool is_live() const {
    return place && !was_freed(place.record().state.load(std::memory_order_acquire));
  }
};

// The block in a slot, if there is one, or was.
SlotPlace block_in(const Slab& slab, std::uint32_t slot) {
  if (slot >= slab.used.load(std::memory_order_acquire)) return {};
  switch (slab.records[slot].state.load(std::memory_order_acquire)) {
    case BlockState::kLive:
    case BlockState::kClosing:
    case BlockState::kFreed:
    case BlockState::kHollow:
      return {&slab, slot};
    default:
      return {};
  }
}

std::uintptr_t end_of(const SlotPlace& block) {
  return block_begin(*block.slab, block.slot) +
         static_cast<std::uintptr_t>(block.record().size);
}

// The block that ends below a damaged byte between two blocks.
Suspect suspect_below(const Stretch& stretch, std::uintptr_t first) {
  const SlotPlace& at = stretch.place;
  if (!at) return {};  // another thread has given it back meanwhile
  const bool behind_own =
      first >= room_begin(*at.slab, at.slot) && first >= block_begin(*at.slab, at.slot);
  if (!behind_own && at.slot == 0) return {};
  // Only an open guard page leads to the next slot.
  if (!behind_own && at.slab->kind != SlabKind::kSmall &&
      first >= room_begin(*at.slab, at.slot)) {
    return {};
  }
  std::uint32_t slot = behind_own ? at.slot : at.slot - 1;
  SlotPlace block = block_in(*at.slab, slot);
  // Over slots in which nothing has lived yet.
  while (!block && slot > 0) block = block_in(*at.slab, --slot);
  return block ? Suspect{block, first - end_of(block)} : Suspect{};
}

// The one that begins above it.
Suspect suspect_above(const Stretch& stretch, std::uintptr_t last) {
  const SlotPlace& at = stretch.place;
  if (!at) return {};
  const bool behind_own =
      last > room_begin(*at.slab, at.slot) && last > block_begin(*at.slab, at.slot);
  if (behind_own && at.slab->kind != SlabKind::kSmall &&
      last <= room_end(*at.slab, at.slot)) {
    return {};
  }
  const SlotPlace block = block_in(*at.slab, behind_own ? at.slot + 1 : at.slot);
  return block ? Suspect{block, block_begin(*block.slab, block.slot) - last} : Suspect{};
}

// Of two suspects the nearer one; of equally near ones the one that lives, then the lower
// one. What ends at the upper one may go on in its bytes, unseen: that it begins almost
// at the lower one says more.
bool is_rather_above(const Suspect& below, const Suspect& above) {
  const bool almost_equal = below.distance < kAlmost && above.distance < kAlmost;
  if (almost_equal && below.is_live()) return false;
  if (above.distance != below.distance) return above.distance < below.distance;
  return above.is_live() && !below.is_live();
}

DamageTrail accuse(const Suspect& suspect, const Suspect& other, FaultKind kind,
                   const DamagedBytes& damage) {
  return {damage, suspect.is_live() ? kind : FaultKind::kWriteAfterFree, suspect.place,
          other.place};
}

DamageTrail find_guilty(const HeapMemory& memory, const DamagedBytes& damage) {
  const Stretch begin = stretch_at(memory, damage.first);
  const Stretch end = stretch_at(memory, damage.last - 1);
  const bool in_freed = begin.kind == StretchKind::kFreed;
  Suspect below = in_freed ? Suspect{begin.place, 0} : suspect_below(begin, damage.first);
  Suspect above;
  if (end.kind != StretchKind::kFreed) {
    above = suspect_above(end, damage.last);
    // A block that was written to backwards, down into a freed one. A freed one that is
    // damaged from its first byte on was written to forwards.
    const bool forwards =
        in_freed && damage.first == block_begin(*begin.place.slab, begin.place.slot);
    if (in_freed && (forwards || above.distance != 0)) above = {};
  } else if (!in_freed) {
    // From the canary in front of a freed block into it.
    above = {end.place, end.begin > damage.first ? end.begin - damage.first : 0};
  }
  if (in_freed && above.is_live()) below = {};
  if (!below.place && !above.place) return {damage, FaultKind::kNone, {}};
  return is_rather_above(below, above)
             ? accuse(above, below, FaultKind::kHeapBufferUnderflow, damage)
             : accuse(below, above, FaultKind::kHeapBufferOverflow, damage);
}

DamageTrail blame(const HeapMemory& memory, const DamagedBytes& damage) {
  DamageTrail trail = find_guilty(memory, damage);
  trail.is_told = stretch_at(memory, damage.first).is_opened;
  return trail;
}

// Of a write that has come up to an address.
DamageTrail trail_from_below(const HeapMemory& memory, std::uintptr_t address) {
  const bool hidden = stretch_at(memory, address - 1).kind == StretchKind::kOpaque;
  const std::uintptr_t from = hidden ? last_known(memory, address) : address;
  if (from == 0) return {};
  std::uintptr_t edge = 0;
  const std::uintptr_t first = damage_below(memory, from, from - 4 * kFullRedzone, edge);
  if (from - first < (hidden ? kFullRedzone : 1)) return {};
  return blame(memory, {find_first(memory, from), find_last(memory, first)});
}

// Of one that has come down to an address near the end of its page.
DamageTrail trail_from_above(const HeapMemory& memory, std::uintptr_t address) {
  const std::uintptr_t end = (address | (kPageSize - 1)) + 1;
  if (end - address > 2 * kGap) return {};
  const bool hidden = stretch_at(memory, end).kind == StretchKind::kOpaque;
  const std::uintptr_t from = hidden ? next_known(memory, end) : end;
  if (from == 0) return {};
  std::uintptr_t edge = 0;
  const std::uintptr_t last = damage_above(memory, from, from + 4 * kFullRedzone, edge);
  if (last - from < (hidden ? kFullRedzone : 1)) return {};
  // Below it nothing has been written yet: it did not begin there.
  const DamagedBytes damage{find_first(memory, last), find_last(memory, last - 1)};
  const Suspect above = suspect_above(stretch_at(memory, damage.last - 1), damage.last);
  if (!above.place) return {};
  DamageTrail trail = accuse(above, {}, FaultKind::kHeapBufferUnderflow, damage);
  trail.is_told = stretch_at(memory, damage.last - 1).is_opened ||
                  stretch_at(memory, damage.first).is_opened;
  return trail;
}

std::uint64_t pattern_of(const HeapMemory& memory, const Stretch& stretch) {
  return stretch.kind == StretchKind::kFreed ? kFreedPattern : memory.canary;
}

// Who comes next is stopped there like the first.
void close_again(const HeapMemory& memory, const Stretch& page) {
  if (install_guards(page.begin, page.end - page.begin)) return;
  fill_pattern(pattern_of(memory, page), page.begin, page.end);
}

}  // namespace

DamageTrail follow_damage(const HeapMemory& memory, std::uintptr_t damaged) {
  const DamagedBytes damage{find_first(memory, damaged + 1), find_last(memory, damaged)};
  return blame(memory, damage);
}

DamageTrail find_trail_to(const HeapMemory& memory, std::uintptr_t address) {
  const DamageTrail trail = trail_from_below(memory, address);
  return trail.guilty ? trail : trail_from_above(memory, address);
}

void mend_damage(const HeapMemory& memory, const DamagedBytes& damage) {
  std::uintptr_t at = damage.first;
  while (at < damage.last) {
    while_accessible(memory, at, [&](const Stretch& stretch) {
      if (stretch.kind == StretchKind::kNone) {
        at = (at | (kGranule - 1)) + 1;  // over a hole
        return;
      }
      const std::uintptr_t end = stretch.end < damage.last ? stretch.end : damage.last;
      if (stretch.is_opened) {
        close_again(memory, stretch);
      } else if (stretch.is_known()) {
        mend_pattern(pattern_of(memory, stretch), at, end);
      }
      at = end;
    });
  }
}

}  // namespace memoir
