#pragma once

// Which call stacks the option fail_site means: those with a frame in a function whose
// linkage name matches, and those whose innermost frame is in a module whose file name
// does. Functions are those of the modules' own symbol tables; what was stripped of them
// has its exported ones.
//
// A module's table is read once, a stack judged once.
//
// Thread safety: any thread, where stacks may be walked.

#include "base/stack_node.h"

namespace memoir {

// Called once, before the others. False where there is no memory for it.
bool start_judging_sites();

// `pattern` is the same at every call.
bool is_failing_site(StackNodeId stack, const char* pattern);

// In a forked child: its stacks have other numbers.
void forget_failing_sites();

}  // namespace memoir
