#include "heap/memory_stretch.h"

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

Stretch in_room(const HeapMemory& memory, const SlotPlace& place,
                std::uintptr_t address) {
  const BlockState state = place.record().state.load(std::memory_order_acquire);
  if (state == BlockState::kLive || place == memory.own) {
    return in_live_room(place, address);
  }
  const bool freed = state == BlockState::kFreed;
  const std::uintptr_t begin = room_begin(*place.slab, place.slot);
  const std::uintptr_t end = room_end(*place.slab, place.slot);
  // The pages of a large one are gone.
  if (freed && place.slab->kind != SlabKind::kSmall) return {};
  return {freed ? StretchKind::kFreed : StretchKind::kOpaque, begin, end, place};
}

Stretch in_small_slab(const HeapMemory& memory, const Slab& slab,
                      std::uintptr_t address) {
  const std::uint32_t used = slab.used.load(std::memory_order_acquire);
  std::uint32_t slot = slot_index(slab, address);
  if (slot >= used) slot = used;
  const std::uintptr_t room = room_begin(slab, slot);
  const SlotPlace place{&slab, slot};
  if (address < room) {
    return {StretchKind::kCanary, room - slab.redzone, room, place};
  }
  // Behind the last slot that was handed out.
  if (slot == used) return {StretchKind::kOpaque, room, slab.end, place};
  return in_room(memory, place, address);
}

}  // namespace

Stretch stretch_at(const HeapMemory& memory, std::uintptr_t address) {
  const Slab* slab = memory.slabs.find(address);
  if (slab == nullptr || address < slab->first) return {};
  if (slab->kind == SlabKind::kSmall) return in_small_slab(memory, *slab, address);
  const SlotPlace place{slab, slot_index(*slab, address)};
  if (place.slot >= slab->used.load(std::memory_order_acquire)) return {};
  if (address < room_begin(*slab, place.slot) || address >= room_end(*slab, place.slot)) {
    return {};
  }
  return in_room(memory, place, address);
}

std::uint8_t expected_byte(const HeapMemory& memory, const Stretch& stretch,
                           std::uintptr_t address) {
  const std::uint64_t pattern =
      stretch.kind == StretchKind::kFreed ? kFreedPattern : memory.canary;
  return pattern_byte(pattern, address);
}

}  // namespace memoir
