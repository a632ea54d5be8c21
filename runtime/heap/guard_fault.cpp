#include "heap/guard_fault.h"

#include "base/pages.h"
#include "heap/damage_trail.h"
#include "heap/guard_pages.h"

namespace memoir {

namespace {

// Who wrote up to here, if that can be seen.
void find_writer(const CheckedHeap& heap, std::uintptr_t address, TouchedGuard& touched) {
  const DamageTrail trail = heap.find_trail_to(address);
  touched.is_told = trail.is_told;
  if (!trail.guilty) return;
  touched.block = view_block(*trail.guilty.slab, trail.guilty.slot);
  touched.kind =
      trail.kind == FaultKind::kWriteAfterFree ? FaultKind::kUseAfterFree : trail.kind;
  touched.is_told = trail.is_told || trail.guilty.record().told != 0;
}

BlockState state_of(const Slab& slab, std::uint32_t slot) {
  return slab.records[slot].state.load(std::memory_order_acquire);
}

// Nothing lives there, or another thread is about to take it.
bool is_vacant(BlockState state) {
  return state == BlockState::kUnused || state == BlockState::kOpening;
}

// A guard page lies between two slots, and belongs to one of them. Where that one is
// vacant, what is touched is the guard of the other.
void prefer_occupied(Place& place, std::uintptr_t address) {
  const Slab& slab = *place.slab;
  if (!is_vacant(state_of(slab, place.slot))) return;
  std::uint32_t other = place.slot;
  if (address < room_begin(slab, place.slot) && place.slot > 0) --other;
  if (address >= room_end(slab, place.slot)) ++other;
  const bool exists = other < slab.used.load(std::memory_order_acquire);
  if (exists && !is_vacant(state_of(slab, other))) place.slot = other;
}

}  // namespace

TouchedGuard find_touched_guard(const CheckedHeap& heap, std::uintptr_t address,
                                bool is_write) {
  TouchedGuard touched;
  Place place = heap.find(address);
  if (place.is == AddressIs::kForeign || place.slab->kind == SlabKind::kSmall) {
    return touched;
  }
  prefer_occupied(place, address);
  const Slab& slab = *place.slab;
  const BlockState state = state_of(slab, place.slot);
  const bool in_room =
      address >= room_begin(slab, place.slot) && address < room_end(slab, place.slot);
  if (is_vacant(state)) return touched;
  if (state == BlockState::kLive && in_room) return touched;
  touched.block = heap.view(place);
  // While it is being freed its memory goes first.
  touched.block.live = state == BlockState::kLive;
  touched.is_freed = !touched.block.live && in_room;
  touched.kind = diagnose_access(touched.block, address, 1);
  if (is_write) find_writer(heap, address, touched);
  touched.place = heap.find(touched.block.begin);
  return touched;
}

bool open_guard_page(const CheckedHeap& heap, const TouchedGuard& touched,
                     std::uintptr_t address) {
  const std::uintptr_t page = address & ~(kPageSize - 1);
  SpinGuard guard(heap.guarding());
  if (!open_page(page)) return false;
  heap.note_opened();
  fill_pattern(touched.is_freed ? kFreedPattern : heap.canary(), page, page + kPageSize);
  return true;
}

}  // namespace memoir
