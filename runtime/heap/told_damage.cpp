// Damage that was told as it was done, and is not to be found a second time.

#include "heap/checked_heap.h"
#include "heap/damage_trail.h"

namespace memoir {

void CheckedHeap::mark_told(const Place& place) const {
  // Another thread may be writing the record's other fields: this one bit, and no more.
  constexpr std::uint64_t kTold = std::uint64_t{1} << 63;
  BlockRecord& record = place.slab->records[place.slot];
  auto* word = reinterpret_cast<char*>(&record) + BlockRecord::kSizeWord;
  __atomic_fetch_or(reinterpret_cast<std::uint64_t*>(word), kTold, __ATOMIC_RELAXED);
}

void CheckedHeap::mend_beyond(const Place& place, std::uintptr_t begin,
                              std::uintptr_t end) const {
  const std::uintptr_t low = room_begin(*place.slab, place.slot) - place.slab->redzone;
  const std::uintptr_t high = room_end(*place.slab, place.slot) + place.slab->redzone;
  if (begin < low) mend_damage(memory(), {begin, end < low ? end : low});
  if (end > high) mend_damage(memory(), {begin > high ? begin : high, end});
}

}  // namespace memoir
