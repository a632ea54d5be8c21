#pragma once

// The blocks of a process that somebody wants to see, one by one: those that were made
// between two moments and that a filter lets through, in the order that was asked for.
//
// A question about all blocks decodes all events, in parallel; one about blocks that were
// never freed reads the index alone.
//
// Thread safety: a function of its arguments. Errors: throws Error (kTrace; kCancelled).

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyze/block_filter.h"
#include "analyze/event_index.h"
#include "analyze/job.h"

namespace memoir {

enum class BlockOrder { kTime, kSize, kLife, kAddress, kStack };

struct BlockQuery {
  BlockFilter filter;
  BlockOrder order = BlockOrder::kSize;
  bool descending = true;
  // Moments between which they were made.
  std::uint64_t begin = 0;
  std::uint64_t end = TracedBlock::kNever;
  // More are counted and not kept: the first ones by the order.
  std::size_t most = 250'000;
};

struct FoundBlocks {
  std::vector<TracedBlock> blocks;
  std::uint64_t count = 0, bytes = 0;  // of all that there are
  std::uint64_t end_time = 0;  // what the life of those that were never freed counts to

  bool is_cut() const { return count > blocks.size(); }
};

FoundBlocks find_blocks(const EventIndex& index, const BlockQuery& query,
                        const Job& job = {}, unsigned threads = 0);

// All conditions but that of pools. `end_time`: of the process's last event.
bool is_match(const BlockFilter& filter, const TracedBlock& block,
              std::uint64_t end_time);

// Sorts in place; blocks that are alike by the order stand by time.
void sort_blocks(std::vector<TracedBlock>& blocks, BlockOrder order, bool descending,
                 std::uint64_t end_time);

}  // namespace memoir
