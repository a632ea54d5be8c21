#include "track/recording_pause.h"

namespace memoir {

constinit std::atomic<std::uint32_t> g_pauses{0};

void pause_recording() { g_pauses.fetch_add(1, std::memory_order_relaxed); }

void resume_recording() {
  std::uint32_t pauses = g_pauses.load(std::memory_order_relaxed);
  while (pauses != 0 && !g_pauses.compare_exchange_weak(pauses, pauses - 1)) {
  }
}

}  // namespace memoir
