#pragma once

// The first so many blocks by some order, out of any number that are offered.
//
// Thread safety: one thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyze/block_query.h"

namespace memoir {

class BlockSelection {
 public:
  BlockSelection(const BlockQuery& query, std::uint64_t end_time)
      : query_(query), end_time_(end_time) {}

  // Counts a block; whether it may be among the first. Unless the order is by life, what
  // became of it does not matter.
  bool counts(const TracedBlock& block) {
    ++found_.count;
    found_.bytes += block.size;
    return !worst_ || is_before(block, *worst_);
  }
  // One that counts() said so of.
  void keep(const TracedBlock& block);
  // Both.
  void offer(const TracedBlock& block) {
    if (counts(block)) keep(block);
  }
  void merge(BlockSelection& other);
  // Sorted. The selection is empty afterwards.
  FoundBlocks take();

 private:
  bool is_before(const TracedBlock& a, const TracedBlock& b) const;
  void cut();

  const BlockQuery& query_;
  std::uint64_t end_time_;
  FoundBlocks found_;
  std::optional<TracedBlock> worst_;  // of those that are kept; whatever is worse is not
};

}  // namespace memoir
