#pragma once

// The blocks that pools handed out, paired from their events.
//
// Thread safety: a function of its arguments. Errors: throws Error (kTrace; kCancelled).

#include <cstdint>
#include <functional>

#include "analyze/event_source.h"
#include "analyze/job.h"
#include "analyze/traced_block.h"

namespace memoir {

using PoolBlockVisit = std::function<void(const TracedBlock& block, std::uint32_t pool)>;

// Visits the blocks of a pool, or of all for 0, that the first `events` events made: each
// when it ends, at last those that did not. The end of a pool is no event: its blocks
// seem to be there still.
void visit_pool_blocks(const EventSource& source, std::uint32_t pool,
                       std::uint64_t events, const Job& job, const PoolBlockVisit& visit,
                       unsigned threads = 0);

}  // namespace memoir
