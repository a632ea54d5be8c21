#pragma once

// From a frame to the number of its stack: walks, and interns the frames that the
// thread's last stack did not have.
//
// Thread safety: the thread that owns the state, outside of another capture of it.

#include "base/stack_node.h"
#include "track/thread_state.h"
#include "unwind/frame_rule.h"

namespace memoir {

// The stack of the caller of the function whose frame address is `frame`. Notes modules
// that appear for the first time, in the state's ring.
StackNodeId capture_stack(ThreadState& state, const void* frame);

// The stack of an instruction that was interrupted, itself its innermost frame.
StackNodeId capture_interrupted_stack(ThreadState& state,
                                      const FrameRegisters& registers);

}  // namespace memoir
