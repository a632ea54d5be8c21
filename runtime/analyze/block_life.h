#pragma once

// Everything that is known of one block: where it came from, what it became, who lay at
// its address before and after.
//
// Thread safety: functions of their arguments. Errors: throws Error (kTrace; kCancelled).

#include <cstdint>
#include <optional>
#include <vector>

#include "analyze/event_index.h"
#include "analyze/job.h"

namespace memoir {

// The block that an event made; nothing where it made none of the heap.
std::optional<TracedBlock> find_block(const EventIndex& index, std::uint64_t seq);

// The blocks that became each other through realloc, the first one first, `seq`'s among
// them. One block alone where it was never moved.
std::vector<TracedBlock> realloc_chain(const EventIndex& index, std::uint64_t seq,
                                       std::size_t most = 1000);

// The event that ended a block, and who did it; nothing for one that was never freed.
std::optional<TraceEvent> find_end(const EventIndex& index, const TracedBlock& block);

// All blocks that ever held the address, by time; at most `most` of them. Decodes all
// events.
std::vector<TracedBlock> blocks_that_held(const EventIndex& index, std::uint64_t address,
                                          std::size_t most = 10'000, const Job& job = {},
                                          unsigned threads = 0);

}  // namespace memoir
