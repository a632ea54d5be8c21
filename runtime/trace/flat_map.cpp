#include "trace/flat_map.h"

#include <utility>

namespace memoir {

FlatMap::FlatMap() : slots_(1024) {}

FlatMap::Slot& FlatMap::find(std::uint64_t key) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = home(key);
  while (slots_[i].key != 0 && slots_[i].key != key) i = (i + 1) & mask;
  return slots_[i];
}

Interned<std::uint32_t> FlatMap::insert(std::uint64_t key, std::uint32_t fallback) {
  Slot* slot = &find(key);
  if (slot->key != 0) return {slot->value, false};
  if ((used_ + 1) * 3 > slots_.size() * 2) {
    grow();
    slot = &find(key);
  }
  *slot = {key, fallback};
  ++used_;
  return {fallback, true};
}

void FlatMap::grow() {
  const ZeroedArray<Slot> old =
      std::exchange(slots_, ZeroedArray<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.key != 0) find(slot.key) = slot;
  }
}

}  // namespace memoir
