#pragma once

// Which memory errors and pools a filter takes, and which of its words are not about such
// things.
//
// Pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analyze/block_filter.h"
#include "analyze/faults.h"
#include "analyze/filter.h"
#include "analyze/pools.h"

namespace memoir {

// Their places in the list. Words about names are asked of each of an error's stacks:
// where it happened, where the block was made, where it was freed. `stacks`: as
// select_stacks() has them. `t`: when it was found.
std::vector<std::size_t> filter_faults(const Filter& filter, const StackSet* stacks,
                                       NumberRange t, std::span<const Fault> faults);

// Those whose maker, or one of the sites that took blocks, agrees; where only sites do,
// with these alone.
std::vector<Pool> filter_pools(const Filter& filter, const StackSet* stacks,
                               std::span<const Pool> pools);

// The words that are not about memory errors, or pools; as one would type them, or "".
std::string words_not_about_faults(const Filter& filter);
std::string words_not_about_pools(const Filter& filter);

}  // namespace memoir
