#pragma once

// The option check_stacks: every recorded stack is walked by libunwind as well, and
// compared. For tests of the walker; a recording gets slower by a factor of a hundred.
//
// Thread safety: the thread that owns the state, outside of another check of it.

#include "base/stack_node.h"
#include "track/thread_state.h"

namespace memoir {

// Compares the stack `node` with what libunwind finds from the caller of the function
// whose frame address is `frame`, and counts it in the session. The first differences of
// a process are shown on standard error, address by address.
MEMOIR_SLOW_PATH void check_stack(ThreadState& state, const void* frame,
                                  StackNodeId node);

}  // namespace memoir
