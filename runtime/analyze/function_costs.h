#pragma once

// What single functions cost, from a top-down tree, and who called them at what cost. A
// function that stands several times in one stack counts once.
//
// Pure functions of an immutable tree.

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyze/call_tree.h"

namespace memoir {

struct FunctionCost {
  NameId function;
  ModuleId module;
  NameId file;             // the first one met
  std::uint32_t line = 0;  // where the tree tells lines apart
  std::uint32_t node = 0;  // the heaviest node of the function
  Cost inclusive, exclusive;
};

// All functions of the tree, the largest inclusive weight first. Where the tree tells
// lines apart, each line of a function.
std::vector<FunctionCost> function_costs(const CallTree& tree);

struct CallersAndCallees {
  FunctionCost self;
  // What of the function's inclusive cost came by way of which caller, and went on to
  // which callee. Itself is among them where it recurs.
  std::vector<FunctionCost> callers, callees;
};

// Of the function that `node` is one of.
CallersAndCallees callers_and_callees(const CallTree& tree, std::uint32_t node);

}  // namespace memoir
