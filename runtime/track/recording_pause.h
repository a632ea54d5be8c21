#pragma once

// The program's wish that nothing of what it allocates be recorded for a while.
//
// Thread safety and signals: anywhere.

#include <atomic>
#include <cstdint>

#include "base/compiler.h"

namespace memoir {

extern constinit std::atomic<std::uint32_t> g_pauses;

// Whether blocks that are made are to be recorded. Those that go always are: they may
// have been made before.
MEMOIR_FAST_PATH bool is_paused() {
  return MEMOIR_UNLIKELY(g_pauses.load(std::memory_order_relaxed) != 0);
}

void pause_recording();
void resume_recording();

}  // namespace memoir
