#pragma once

// What the lines of a source file cost: for the margin of its text.
//
// Pure functions.

#include <cstdint>
#include <span>
#include <vector>

#include "analyze/stack_cost.h"
#include "analyze/stack_store.h"

namespace memoir {

struct LineCost {
  std::uint32_t line = 0;
  Cost self;   // of the stacks that are attributed to the line
  Cost total;  // of all stacks that go through it, each once
};

// Of the lines that cost something, by line.
std::vector<LineCost> line_costs(const StackStore& stacks,
                                 std::span<const StackCost> costs, NameId file);

struct FileCost {
  NameId file;
  Cost self;  // of the stacks that are attributed to one of its lines
};

// All files that stacks are attributed to, the heaviest first. Number 0 stands for what
// has no file.
std::vector<FileCost> file_costs(const StackStore& stacks,
                                 std::span<const StackCost> costs);

}  // namespace memoir
