#pragma once

// From any address to the slab it lies in: two loads.
//
// Thread safety: look-ups from anywhere, at any time; set() with signals blocked.

#include <atomic>
#include <cstdint>

#include "base/compiler.h"
#include "base/metadata_arena.h"
#include "heap/slab.h"

namespace memoir {

class PageMap {
 public:
  MEMOIR_FAST_PATH Slab* find(std::uintptr_t address) const {
    const std::uintptr_t granule = address >> kGranuleLog2;
    if (granule >> (kRootLog2 + kLeafLog2) != 0) return nullptr;
    const Leaf* leaf = root_[granule >> kLeafLog2].load(std::memory_order_acquire);
    if (leaf == nullptr) return nullptr;
    return leaf->slabs[granule & (kLeafEntries - 1)].load(std::memory_order_acquire);
  }

  // The granules of [begin, end) belong to the slab (to none: nullptr). False when there
  // is no memory to say so; then nothing has changed.
  bool set(std::uintptr_t begin, std::uintptr_t end, Slab* slab, MetadataArena& arena);

 private:
  // 47 bits of address.
  static constexpr unsigned kLeafLog2 = 14;
  static constexpr unsigned kRootLog2 = 47 - kGranuleLog2 - kLeafLog2;
  static constexpr std::size_t kLeafEntries = std::size_t{1} << kLeafLog2;

  struct Leaf {
    std::atomic<Slab*> slabs[kLeafEntries];
  };

  Leaf* make_leaf(std::uintptr_t granule, MetadataArena& arena);

  std::atomic<Leaf*> root_[std::size_t{1} << kRootLog2];
};

}  // namespace memoir
