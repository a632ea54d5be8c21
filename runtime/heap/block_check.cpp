#include "heap/block_check.h"

#include "base/compiler.h"

namespace memoir {
namespace {

// The canaries in front of a block, and behind it.
struct Surroundings {
  std::uintptr_t front_begin;
  std::uintptr_t begin;
  std::uintptr_t end;
  std::uintptr_t back_end;
};

Surroundings surroundings(const Slab& slab, std::uint32_t slot) {
  const std::uintptr_t begin = block_begin(slab, slot);
  return {room_begin(slab, slot) - slab.redzone, begin,
          begin + static_cast<std::uintptr_t>(slab.records[slot].size),
          room_end(slab, slot) + slab.redzone};
}

bool was_used(const Slab& slab, std::uint32_t slot) {
  return slab.records[slot].state.load(std::memory_order_acquire) != BlockState::kUnused;
}

// Damage between a block and the next one above it.
Finding blame(const Slab& slab, std::uint32_t low, std::uint32_t high,
              const DamagedBytes& damage) {
  const BlockView below = view_block(slab, low);
  const BlockView above = view_block(slab, high);
  if (guilty_side(damage, below.end(), above.begin) == Side::kHigh) {
    return {FaultKind::kHeapBufferUnderflow, above, damage, {}};
  }
  return {FaultKind::kHeapBufferOverflow, below, damage, {}};
}

bool has_lower_neighbour(const Slab& slab, std::uint32_t slot) {
  return slab.redzone != 0 && slot > 0 && was_used(slab, slot - 1);
}

bool has_upper_neighbour(const Slab& slab, std::uint32_t slot) {
  return slab.redzone != 0 && slot + 1 < slab.slots && was_used(slab, slot + 1);
}

// The lower neighbour's canary goes on where the redzone in front of a block begins.
DamagedBytes widen_into_lower(const Slab& slab, std::uint32_t slot, std::uint64_t canary,
                              DamagedBytes damage) {
  const std::uintptr_t redzone_begin = room_begin(slab, slot) - slab.redzone;
  if (!has_lower_neighbour(slab, slot) || damage.first != redzone_begin) return damage;
  const BlockRecord& lower = slab.records[slot - 1];
  if (lower.state.load(std::memory_order_acquire) != BlockState::kLive) return damage;
  const BlockView block = view_block(slab, slot - 1);
  if (const DamagedBytes more = find_damage(canary, block.end(), redzone_begin)) {
    damage.first = more.first;
  }
  return damage;
}

void report_front(const Slab& slab, std::uint32_t slot, std::uint64_t canary,
                  DamagedBytes damage, Findings& findings) {
  if (!has_lower_neighbour(slab, slot)) {
    findings.add({FaultKind::kHeapBufferUnderflow, view_block(slab, slot), damage, {}});
  } else {
    damage = widen_into_lower(slab, slot, canary, damage);
    const BlockView above = view_block(slab, slot);
    const BlockView below = view_block(slab, slot - 1);
    const std::uintptr_t redzone_begin = room_begin(slab, slot) - slab.redzone;
    // All of the redzone, and nothing of the canary that the lower block has behind it.
    const bool from_above = damage.last == above.begin && damage.first == redzone_begin &&
                            below.end() < redzone_begin;
    if (from_above) {
      findings.add({FaultKind::kHeapBufferUnderflow, above, damage, {}});
    } else {
      findings.add(blame(slab, slot - 1, slot, damage));
    }
  }
  fill_pattern(canary, damage.first, damage.last);
}

}  // namespace

void Findings::add(const Finding& finding) {
  if (count_ == kMost) return;
  Finding& kept = list_[count_++];
  kept = finding;
  if (kept.memory.count == 0) copy_nearby_memory(kept.damage.first, kept.memory);
}

BlockView view_block(const Slab& slab, std::uint32_t slot) {
  const BlockRecord& record = slab.records[slot];
  BlockView view;
  view.begin = block_begin(slab, slot);
  view.size = record.size;
  view.number = record.number;
  view.alloc_api = record.alloc_api;
  view.free_api = record.free_api;
  view.alignment_log2 = record.alignment_log2;
  const BlockState state = record.state.load(std::memory_order_acquire);
  view.live = state == BlockState::kLive || state == BlockState::kClosing;
  view.alloc_stack = record.alloc_stack;
  view.alloc_thread = record.alloc_thread;
  view.free_stack = view.live ? kNoStack : record.free_stack;
  view.free_thread = view.live ? 0 : record.free_thread;
  return view;
}

bool is_whole(const Slab& slab, std::uint32_t slot, std::uint64_t canary) {
  const Surroundings around = surroundings(slab, slot);
  return !find_damage(canary, around.front_begin, around.begin) &&
         !find_damage(canary, around.end, around.back_end);
}

void report_damage(const Slab& slab, std::uint32_t slot, std::uint64_t canary,
                   Findings& findings) {
  const Surroundings around = surroundings(slab, slot);
  if (const DamagedBytes back = find_damage(canary, around.end, around.back_end)) {
    const bool between = back.first >= room_end(slab, slot);
    if (between && has_upper_neighbour(slab, slot)) {
      findings.add(blame(slab, slot, slot + 1, back));
    } else {
      findings.add({FaultKind::kHeapBufferOverflow, view_block(slab, slot), back, {}});
    }
    fill_pattern(canary, back.first, back.last);
  }
  if (const DamagedBytes front = find_damage(canary, around.front_begin, around.begin)) {
    report_front(slab, slot, canary, front, findings);
  }
}

bool is_untouched(const Slab& slab, std::uint32_t slot, std::uint64_t canary) {
  const std::uintptr_t room = room_begin(slab, slot);
  return !find_damage(kFreedPattern, room, room_end(slab, slot)) &&
         !find_damage(canary, room - slab.redzone, room);
}

void report_touched(const Slab& slab, std::uint32_t slot, std::uint64_t canary,
                    Findings& findings) {
  const std::uintptr_t room = room_begin(slab, slot);
  const std::uintptr_t end = room_end(slab, slot);
  const DamagedBytes inside = find_damage(kFreedPattern, room, end);
  DamagedBytes front = find_damage(canary, room - slab.redzone, room);
  if (front && has_lower_neighbour(slab, slot)) {
    front = widen_into_lower(slab, slot, canary, front);
    // What ran through the redzone went on into the freed block.
    const bool ran_through = front.last == room && inside && inside.first == room;
    const DamagedBytes whole =
        ran_through ? DamagedBytes{front.first, inside.last} : front;
    Finding finding = blame(slab, slot - 1, slot, whole);
    if (finding.kind == FaultKind::kHeapBufferUnderflow) {
      finding.kind = FaultKind::kWriteAfterFree;
    }
    findings.add(finding);
    fill_pattern(canary, front.first, front.last);
    if (ran_through) {
      fill_pattern(kFreedPattern, inside.first, inside.last);
      return;
    }
  } else if (front) {
    findings.add({FaultKind::kWriteAfterFree, view_block(slab, slot), front, {}});
    fill_pattern(canary, front.first, front.last);
  }
  if (!inside) return;
  findings.add({FaultKind::kWriteAfterFree, view_block(slab, slot), inside, {}});
  fill_pattern(kFreedPattern, inside.first, inside.last);
}

}  // namespace memoir
