#pragma once

// Which of the blocks of a call site an earlier run blames: the how-manieth that was made
// there with this size, counted in the events of the trace.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <cstdint>
#include <vector>

#include "analyze/faults.h"
#include "trace/database.h"

namespace memoir {

// For each fault, from 1; 0 where the events do not tell: the block was made by a parent
// process, before the recording, or in a pause.
std::vector<std::uint32_t> find_ordinals(Database& database,
                                         const std::vector<Fault>& faults);

}  // namespace memoir
