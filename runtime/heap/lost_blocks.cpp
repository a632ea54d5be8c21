#include "heap/lost_blocks.h"

namespace memoir {

void LostBlocks::add(const BlockView& block, MetadataArena& arena) {
  if (list_ == nullptr) {
    list_ = static_cast<BlockView*>(arena.allocate(kMost * sizeof(BlockView)));
    if (list_ == nullptr) return;
  }
  list_[added_++ % kMost] = block;
}

bool LostBlocks::find(std::uintptr_t address, BlockView& block) const {
  const std::uint64_t first = added_ > kMost ? added_ - kMost : 0;
  for (std::uint64_t i = added_; i > first; --i) {
    const BlockView& lost = list_[(i - 1) % kMost];
    if (lost.begin != address) continue;
    block = lost;
    return true;
  }
  return false;
}

}  // namespace memoir
