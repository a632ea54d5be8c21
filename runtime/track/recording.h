#pragma once

// What the verbs of the tracker have in common: who is recording, its stack, and the way
// of an event into a ring.
//
// Thread safety and signals: any thread, and signal handlers that interrupted one of
// them.

#include "base/compiler.h"
#include "track/runtime_state.h"
#include "track/thread_state.h"
#include "unwind/frame_rule.h"
#include "wire/event.h"

namespace memoir {

// Compilers must not move the mark across what it guards; the processor never shows a
// thread its own stores out of order.
MEMOIR_FAST_PATH void set_inside(ThreadState& state, std::uintptr_t frame) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  state.inside = frame;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

MEMOIR_FAST_PATH void set_inside(ThreadState& state, const void* frame) {
  set_inside(state, reinterpret_cast<std::uintptr_t>(frame));
}

// The calling thread's state, if nothing stands in the way of using it at once.
MEMOIR_FAST_PATH ThreadState* free_state() {
  ThreadState* state = t_thread.state;
  return MEMOIR_LIKELY(state != nullptr && state->inside == 0) ? state : nullptr;
}

// Whether this process records; in a forked child, and before the first event, starts it.
MEMOIR_FAST_PATH bool is_recording() {
  return MEMOIR_LIKELY(g_runtime.session.recording()) || ensure_recording();
}

enum class Stack : bool { kNone, kWalk };

// Records an event, with a stack if one is asked for. `frame` is the interposer's.
void record(Event& event, Stack stack, const void* frame);

// The stack of who called the interposer at `frame`. kNoStack when nothing is recorded.
MEMOIR_SLOW_PATH StackNodeId walk_stack(const void* frame);

// The stack of an instruction that a signal interrupted.
MEMOIR_SLOW_PATH StackNodeId walk_interrupted_stack(const FrameRegisters& registers);

}  // namespace memoir
