#include "track/event_writer.h"

namespace memoir {

bool make_space(Session& session, ThreadState& state, std::uint64_t index,
                std::uint64_t count) {
  const std::uint64_t end = index + count;
  if (state.ring.refresh_space(end)) return true;
  switch (state.ring.wait_for_space(end, collector_is_alive)) {
    case RingWait::kSpace:
      return true;
    case RingWait::kHeldUp:
      state.ring.give_back(index, count);
      session.memory().header().dropped.fetch_add(1, std::memory_order_relaxed);
      return false;
    case RingWait::kCollectorDead:
      break;
  }
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

void write_event(Session& session, ThreadState& state, const Event& e) {
  if (!takes_two_slots(e.kind)) {
    return write_slot(session, state, e.kind, e.api, e.alignment_log2, e.stack, e.time,
                      e.address, e.size);
  }
  RingWriter& ring = state.ring;
  if (session.options().drop_when_full && drop_instead(session, state, ring.head() + 2)) {
    return;
  }
  const std::uint64_t index = ring.reserve(2);
  if (!ring.has_space(index + 2) && !make_space(session, state, index, 2)) return;
  ring.publish(index + 1, EventKind::kMore, e.api, 0, kNoStack, e.more_time,
               e.more_address, e.more_size);
  ring.publish(index, e.kind, e.api, e.alignment_log2, e.stack, e.time, e.address,
               e.size);
}

}  // namespace memoir
