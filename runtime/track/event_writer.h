#pragma once

// Puts events into a thread's ring, and decides what happens when it is full.
//
// Thread safety: the thread that owns the state. Async-signal safe.

#include "base/compiler.h"
#include "track/session.h"
#include "track/thread_state.h"
#include "wire/event.h"

namespace memoir {

// The rare half: makes room for the slots below `end`, or stops the session because
// nobody reads it. False when the event is lost.
MEMOIR_SLOW_PATH bool make_space(Session& session, ThreadState& state, std::uint64_t end);

// True when the event must be dropped instead of waiting for space.
MEMOIR_SLOW_PATH bool drop_instead(Session& session, ThreadState& state,
                                   std::uint64_t end);

MEMOIR_FAST_PATH void write_event(Session& session, ThreadState& state, const Event& e) {
  const std::uint64_t count = takes_two_slots(e.kind) ? 2 : 1;
  RingWriter& ring = state.ring;
  if (MEMOIR_UNLIKELY(session.options().drop_when_full) &&
      drop_instead(session, state, ring.head() + count)) {
    return;
  }
  const std::uint64_t index = ring.reserve(count);
  if (MEMOIR_UNLIKELY(!ring.has_space(index + count)) &&
      !make_space(session, state, index + count)) {
    return;
  }
  if (count == 2) {
    ring.publish(index + 1, EventKind::kMore, e.api, 0, kNoStack, e.more_time,
                 e.more_address, e.more_size);
  }
  ring.publish(index, e.kind, e.api, e.alignment_log2, e.stack, e.time, e.address,
               e.size);
}

}  // namespace memoir
