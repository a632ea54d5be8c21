#pragma once

// Which stacks, sites and leaks a filter takes.
//
// A stack is judged by its names alone. Of sites and leaks the other words are asked that
// their rows can answer; what only single blocks can (size, age, time, thread, address,
// pool) is for analyze/filter_blocks.h.
//
// Pure functions.

#include <memory>
#include <span>
#include <vector>

#include "analyze/block_filter.h"
#include "analyze/filter.h"
#include "analyze/filter_names.h"
#include "analyze/leaks.h"
#include "analyze/site_rows.h"
#include "analyze/stack_store.h"

namespace memoir {

// The stacks that agree with all words about names. Null: the filter has none, all do.
// Number 0, no stack, is in where only negated words were said.
std::shared_ptr<const StackSet> select_stacks(const Filter& filter,
                                              const StackStore& stacks);

// Whether single blocks must be asked: their sums are not those of whole sites.
bool needs_blocks(const Filter& filter);

bool takes_process(const Filter& filter, ProcessId process);
std::vector<SiteEntry> filter_sites(const Filter& filter, const StackSet* stacks,
                                    std::span<const SiteEntry> sites,
                                    const FilterNames& names);
// By the heaviest stack of each.
std::vector<Leak> filter_leaks(const Filter& filter, const StackSet* stacks,
                               std::span<const Leak> leaks);

}  // namespace memoir
