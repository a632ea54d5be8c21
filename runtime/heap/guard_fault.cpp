#include "heap/guard_fault.h"

#include "base/pages.h"
#include "heap/guard_pages.h"

namespace memoir {

TouchedGuard find_touched_guard(const CheckedHeap& heap, std::uintptr_t address) {
  TouchedGuard touched;
  const Place place = heap.find(address);
  if (place.is == AddressIs::kForeign || place.slab->kind == SlabKind::kSmall) {
    return touched;
  }
  const Slab& slab = *place.slab;
  const BlockState state = slab.records[place.slot].state.load(std::memory_order_acquire);
  const bool in_room =
      address >= room_begin(slab, place.slot) && address < room_end(slab, place.slot);
  if (state == BlockState::kUnused || state == BlockState::kOpening) return touched;
  if (state == BlockState::kLive && in_room) return touched;
  touched.block = heap.view(place);
  // While it is being freed its memory goes first.
  touched.block.live = state == BlockState::kLive;
  touched.kind = diagnose_access(touched.block, address, 1);
  return touched;
}

bool open_guard_page(const TouchedGuard& touched, std::uintptr_t address) {
  const std::uintptr_t page = address & ~(kPageSize - 1);
  if (!open_page(page)) return false;
  if (!touched.block.live) fill_pattern(kFreedPattern, page, page + kPageSize);
  return true;
}

}  // namespace memoir
