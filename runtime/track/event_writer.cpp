#include "track/event_writer.h"

namespace memoir {

bool make_space(Session& session, ThreadState& state, std::uint64_t end) {
  if (state.ring.refresh_space(end)) return true;
  if (state.ring.wait_for_space(end, collector_is_alive) == RingWait::kSpace) return true;
  // A collector that tells the program to stop has said why.
  const bool told_to = session.memory().header().recording.load() == 0;
  session.stop(told_to
                   ? nullptr
                   : "the collector is gone; this process is not recorded any further");
  return false;
}

bool drop_instead(Session& session, ThreadState& state, std::uint64_t end) {
  if (state.ring.has_space(end) || state.ring.refresh_space(end)) return false;
  session.memory().header().dropped.fetch_add(1, std::memory_order_relaxed);
  return true;
}

}  // namespace memoir
