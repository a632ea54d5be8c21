#pragma once

// The last large blocks whose addresses were given up: who frees one of them once more,
// long after it was freed, is told of which it was.
//
// Thread safety: none; LargeBlocks holds its lock.

#include <cstdint>

#include "base/metadata_arena.h"
#include "heap/diagnose.h"

namespace memoir {

class LostBlocks {
 public:
  void add(const BlockView& block, MetadataArena& arena);

  // The last one that began at an address. False when there was none.
  bool find(std::uintptr_t address, BlockView& block) const;

 private:
  static constexpr std::uint64_t kMost = 16384;

  BlockView* list_ = nullptr;  // a ring
  std::uint64_t added_ = 0;
};

}  // namespace memoir
