#include "heap/block_check.h"

#include "base/compiler.h"
#include "base/pages.h"
#include "heap/damage_trail.h"
#include "heap/memory_stretch.h"

namespace memoir {
namespace {

// More different writes than this beside one block are not told apart.
constexpr int kMostTrails = 16;

bool has_freed_pattern(const Slab& slab, std::uint32_t slot) {
  return slab.records[slot].state.load(std::memory_order_acquire) == BlockState::kFreed;
}

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

DamagedBytes find_beside(const Surroundings& around, std::uint64_t canary) {
  const DamagedBytes back = find_damage(canary, around.end, around.back_end);
  return back ? back : find_damage(canary, around.front_begin, around.begin);
}

DamagedBytes find_in_idle(const Slab& slab, std::uint32_t slot, std::uint64_t canary) {
  const std::uintptr_t room = room_begin(slab, slot);
  const bool bare = slab.records[slot].is_bare();
  const DamagedBytes front =
      bare ? DamagedBytes{} : find_damage(canary, room - slab.redzone, room);
  if (front || !has_freed_pattern(slab, slot)) return front;
  return find_damage(kFreedPattern, room, room_end(slab, slot));
}

bool is_told(const SlotPlace& place) { return place && place.record().told != 0; }

// Adds what led to a damaged byte, if it was not told as it was done, and mends all of
// it.
void take(const HeapMemory& memory, std::uintptr_t damaged, Findings& findings) {
  const DamageTrail trail = follow_damage(memory, damaged);
  const bool is_told_already =
      trail.is_told || is_told(trail.guilty) || is_told(trail.other);
  if (trail.kind != FaultKind::kNone && !is_told_already) {
    const BlockView guilty = view_block(*trail.guilty.slab, trail.guilty.slot);
    findings.add({trail.kind, guilty, trail.damage, {}});
  }
  mend_damage(memory, trail.damage);
}

}  // namespace

void Findings::add(const Finding& finding) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    Finding& kept = list_[i];
    if (kept.kind != finding.kind || kept.block.number != finding.block.number) continue;
    // One write that left bytes out.
    if (finding.damage.first < kept.damage.first) {
      kept.damage.first = finding.damage.first;
      copy_nearby_memory(kept.damage.first, kept.memory);
    }
    if (finding.damage.last > kept.damage.last) kept.damage.last = finding.damage.last;
    return;
  }
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
  view.alignment_log2 = record.alignment_log2();
  view.seen_whole = record.was_seen_whole();
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

void report_damage(const HeapMemory& memory, const Slab& slab, std::uint32_t slot,
                   Findings& findings) {
  const Surroundings around = surroundings(slab, slot);
  for (int i = 0; i < kMostTrails; ++i) {
    const DamagedBytes damage = find_beside(around, memory.canary);
    if (!damage) return;
    take(memory, damage.first, findings);
  }
  mend_damage(memory, {around.front_begin, around.back_end});
}

bool is_untouched(const Slab& slab, std::uint32_t slot, std::uint64_t canary) {
  return !find_in_idle(slab, slot, canary);
}

void report_touched(const HeapMemory& memory, const Slab& slab, std::uint32_t slot,
                    Findings& findings) {
  for (int i = 0; i < kMostTrails; ++i) {
    const DamagedBytes damage = find_in_idle(slab, slot, memory.canary);
    if (!damage) return;
    take(memory, damage.first, findings);
  }
  mend_damage(memory, {room_begin(slab, slot) - slab.redzone, room_end(slab, slot)});
}

void report_passage(const HeapMemory& memory, const Slab& slab, std::uint32_t slot,
                    Findings& findings) {
  for (const std::uintptr_t page :
       {room_begin(slab, slot) - kPageSize, room_end(slab, slot)}) {
    for (int i = 0; i < kMostTrails; ++i) {
      DamagedBytes damage;
      while_accessible(memory, page, [&](const Stretch& stretch) {
        if (!stretch.is_known()) return;
        damage = find_damage(memory.canary, page, page + kPageSize);
      });
      if (!damage) break;
      take(memory, damage.first, findings);
    }
  }
}

}  // namespace memoir
