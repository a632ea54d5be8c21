#pragma once

// The first so many blocks by some order, out of any number that are offered.
//
// Thread safety: one thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyze/block_query.h"

namespace memoir {

class BlockSelection {
 public:
  BlockSelection(const BlockQuery& query, std::uint64_t end_time)
      : query_(query), end_time_(end_time) {}

  // Counts the block, and keeps it if it may be among the first.
  void offer(const TracedBlock& block);
  void merge(BlockSelection& other);
  // Sorted. The selection is empty afterwards.
  FoundBlocks take();

 private:
  void cut();

  const BlockQuery& query_;
  std::uint64_t end_time_;
  FoundBlocks found_;
};

}  // namespace memoir
