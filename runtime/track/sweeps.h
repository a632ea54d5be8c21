#pragma once

// Looks at all blocks every now and then (option sweep_ms), so that damage is found soon
// after it was done, and what is found later is known to have been whole before.
//
//   an allocation ──► is it time? ──► every block ──► findings
//
// There is no thread for it: who allocates looks, one at a time, outside of the heap.
//
// Thread safety: any thread.

#include <cstdint>

#include "base/compiler.h"
#include "base/options.h"

namespace memoir {

// Before the first block. 0 milliseconds: never.
void start_sweeps(std::uint32_t milliseconds);

extern bool g_sweeps;
MEMOIR_SLOW_PATH void sweep_if_due(const void* frame);

// Of the thread that allocates, when it is inside neither the heap nor the recording.
MEMOIR_FAST_PATH void sweep_now_and_then(const void* frame) {
  if (MEMOIR_UNLIKELY(g_sweeps)) sweep_if_due(frame);
}

// When the last sweep that is over began, by the session's clock; 0: there was none.
std::uint64_t last_sweep();

}  // namespace memoir
