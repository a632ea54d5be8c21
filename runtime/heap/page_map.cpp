#include "heap/page_map.h"

namespace memoir {

PageMap::Leaf* PageMap::make_leaf(std::uintptr_t granule, MetadataArena& arena) {
  std::atomic<Leaf*>& place = root_[granule >> kLeafLog2];
  Leaf* leaf = place.load(std::memory_order_acquire);
  if (leaf != nullptr) return leaf;
  auto* made = static_cast<Leaf*>(arena.allocate(sizeof(Leaf)));
  if (made == nullptr) return nullptr;
  // Another thread may have been quicker; the arena keeps what it gave.
  return place.compare_exchange_strong(leaf, made) ? made : leaf;
}

bool PageMap::set(std::uintptr_t begin, std::uintptr_t end, Slab* slab,
                  MetadataArena& arena) {
  const std::uintptr_t first = begin >> kGranuleLog2;
  const std::uintptr_t last = (end - 1) >> kGranuleLog2;
  for (std::uintptr_t granule = first; granule <= last; granule += kLeafEntries) {
    if (make_leaf(granule, arena) == nullptr) return false;
  }
  if (make_leaf(last, arena) == nullptr) return false;
  for (std::uintptr_t granule = first; granule <= last; ++granule) {
    Leaf* leaf = root_[granule >> kLeafLog2].load(std::memory_order_relaxed);
    leaf->slabs[granule & (kLeafEntries - 1)].store(slab, std::memory_order_release);
  }
  return true;
}

}  // namespace memoir
