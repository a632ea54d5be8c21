#include "heap/memory_stretch.h"

#include "base/careful_read.h"
#include "base/pages.h"

namespace memoir {
namespace {

// The room of a slot that holds a live block.
Stretch in_live_room(const SlotPlace& place, std::uintptr_t address) {
  const std::uintptr_t begin = block_begin(*place.slab, place.slot);
  const std::uintptr_t end = begin + static_cast<std::uintptr_t>(place.record().size);
  if (address < begin) {
    return {StretchKind::kCanary, room_begin(*place.slab, place.slot), begin, place};
  }
  if (address < end) return {StretchKind::kOpaque, begin, end, place};
  return {StretchKind::kCanary, end, room_end(*place.slab, place.slot), place};
}

// A page that was inaccessible, and was opened for who touched it: filled with what it
// should hold.
Stretch in_opened_page(StretchKind kind, const SlotPlace& place, std::uintptr_t address) {
  char byte = 0;
  if (read_carefully(address, &byte, 1) != CarefulRead::kRead) return {};
  const std::uintptr_t page = address & ~(kPageSize - 1);
  return {kind, page, page + kPageSize, place, true};
}

Stretch in_room(const HeapMemory& memory, const SlotPlace& place,
                std::uintptr_t address) {
  const BlockState state = place.record().state.load(std::memory_order_acquire);
  if (state == BlockState::kLive || place == memory.own) {
    return in_live_room(place, address);
  }
  const bool freed = state == BlockState::kFreed;
  const std::uintptr_t begin = room_begin(*place.slab, place.slot);
  const std::uintptr_t end = room_end(*place.slab, place.slot);
  // The pages of others than small ones are gone.
  if (freed && place.slab->kind != SlabKind::kSmall) {
    return in_opened_page(StretchKind::kFreed, place, address);
  }
  return {freed ? StretchKind::kFreed : StretchKind::kOpaque, begin, end, place};
}

Stretch in_small_slab(const HeapMemory& memory, const Slab& slab,
                      std::uintptr_t address) {
  const std::uint32_t cut = slab.cut.load(std::memory_order_acquire);
  std::uint32_t slot = slot_index(slab, address);
  if (slot >= cut) slot = cut;
  const std::uintptr_t room = room_begin(slab, slot);
  const SlotPlace place{&slab, slot};
  if (address < room) {
    const bool bare = slot < cut && slab.records[slot].is_bare();
    const StretchKind kind = bare ? StretchKind::kOpaque : StretchKind::kCanary;
    return {kind, room - slab.redzone, room, place};
  }
  // Behind the last slot that has memory.
  if (slot == cut) return {StretchKind::kOpaque, room, slab.end, place};
  return in_room(memory, place, address);
}

}  // namespace

Stretch stretch_at(const HeapMemory& memory, std::uintptr_t address) {
  const Slab* slab = memory.slabs.find(address);
  if (slab == nullptr) return {};
  if (address < slab->first) {
    return in_opened_page(StretchKind::kCanary, {slab, 0}, address);
  }
  if (slab->kind == SlabKind::kSmall) return in_small_slab(memory, *slab, address);
  const SlotPlace place{slab, slot_index(*slab, address)};
  const std::uint32_t used = slab->used.load(std::memory_order_acquire);
  if (used == 0) return {};
  if (place.slot >= used) {
    return in_opened_page(StretchKind::kCanary, {slab, used - 1}, address);
  }
  if (address < room_begin(*slab, place.slot) || address >= room_end(*slab, place.slot)) {
    return in_opened_page(StretchKind::kCanary, place, address);
  }
  return in_room(memory, place, address);
}

Stretch accessible_stretch(const HeapMemory& memory, std::uintptr_t address) {
  const Stretch stretch = stretch_at(memory, address);
  if (!stretch.is_known() || stretch.is_opened) return stretch;
  return can_be_read(stretch.begin, stretch.end) ? stretch : Stretch{};
}

std::uint8_t expected_byte(const HeapMemory& memory, const Stretch& stretch,
                           std::uintptr_t address) {
  const std::uint64_t pattern =
      stretch.kind == StretchKind::kFreed ? kFreedPattern : memory.canary;
  return pattern_byte(pattern, address);
}

}  // namespace memoir
