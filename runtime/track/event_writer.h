#pragma once

// Puts events into a thread's ring, and decides what happens when it is full.
//
// Thread safety: the thread that owns the state. Async-signal safe.

#include "base/compiler.h"
#include "track/session.h"
#include "track/thread_state.h"
#include "wire/event.h"

namespace memoir {

// The rare half: makes room for slots that were reserved, or stops the session because
// nobody reads it. False when the event is lost.
MEMOIR_SLOW_PATH bool make_space(Session& session, ThreadState& state,
                                 std::uint64_t index, std::uint64_t count);

// True when the event must be dropped instead of waiting for space.
MEMOIR_SLOW_PATH bool drop_instead(Session& session, ThreadState& state,
                                   std::uint64_t end);

// An event of one slot, from registers into the ring.
MEMOIR_FAST_PATH void write_slot(Session& session, ThreadState& state, EventKind kind,
                                 Api api, std::uint8_t alignment_log2, StackNodeId stack,
                                 std::uint64_t time, std::uint64_t address,
                                 std::uint64_t size) {
  RingWriter& ring = state.ring;
  if (MEMOIR_UNLIKELY(session.options().drop_when_full) &&
      drop_instead(session, state, ring.head() + 1)) {
    return;
  }
  const std::uint64_t index = ring.reserve(1);
  if (MEMOIR_UNLIKELY(!ring.has_space(index + 1)) &&
      !make_space(session, state, index, 1)) {
    return;
  }
  ring.publish(index, kind, api, alignment_log2, stack, time, address, size);
}

// Any event.
void write_event(Session& session, ThreadState& state, const Event& event);

}  // namespace memoir
