#pragma once

// Memory errors as text: the same for standard error, while it happens, and for reports.
// Pure functions.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/faults.h"
#include "analyze/stacks.h"
#include "launcher/terminal.h"

namespace memoir {

struct FaultStacks {
  std::vector<StackFrame> access, alloc, free;  // access: or the discovery
};

FaultStacks expand_stacks(const FaultRow& fault, StackExpander& expander);

// The frame of a stack that names the line to look at: the innermost one that belongs to
// the program. Null for no stack.
const StackFrame* place_frame(const std::vector<StackFrame>& stack);

// All that is known of one, beginning with its message. `prefix` stands before that.
std::string render_fault(const Fault& fault, const FaultStacks& stacks,
                         std::string_view prefix, const TextStyle& style);

// Those of the report, each in full, and how many there are of each kind.
std::string render_faults(const FaultReport& report, StackExpander& expander,
                          const TextStyle& style);

// "3 memory errors: 2 double free, 1 bad size".
std::string describe_counts(const FaultReport& report);

}  // namespace memoir
