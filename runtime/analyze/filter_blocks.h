#pragma once

// A filter as the conditions that single blocks are asked.
//
// Pure functions.

#include <memory>
#include <optional>

#include "analyze/block_filter.h"
#include "analyze/filter.h"
#include "analyze/filter_names.h"
#include "trace/ids.h"

namespace memoir {

struct CompiledFilter {
  BlockFilter blocks;
  // The word that blocks cannot answer, as class: or a range that is negated. The others
  // are in `blocks`.
  std::optional<FilterError> error;
  bool takes_nothing = false;  // the words contradict each other, or name nobody
};

// For the blocks of one process. `stacks`: what select_stacks() gave.
CompiledFilter compile_blocks(const Filter& filter, const FilterNames& names,
                              std::shared_ptr<const StackSet> stacks, ProcessId process);

}  // namespace memoir
