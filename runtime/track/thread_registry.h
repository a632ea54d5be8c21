#pragma once

// Gives each thread its state and a ring, and takes them back when it ends.
//
// Thread safety: attach() and detach() from the thread they concern; recycling is locked.

#include <cstdint>

#include "base/spin_lock.h"
#include "track/thread_state.h"
#include "wire/session_memory.h"

namespace memoir {

class ThreadRegistry {
 public:
  // A state with a ring of its own for the thread with this number; nullptr when there is
  // no ring or memory left. The caller sets the walker's bounds.
  ThreadState* attach(const SessionMemory& memory, std::uint32_t thread_number);

  // A state that writes ring 0, which is shared.
  ThreadState* make_shared(const SessionMemory& memory);

  // Takes the state back; its ring can be claimed by another thread.
  void detach(ThreadState* state);

  // In a forked child: the parent's threads are gone, their states with them.
  void forget();

 private:
  ThreadState* take_state();

  SpinLock lock_;
  ThreadState* free_ = nullptr;
  // Where the last free ring was found.
  std::uint32_t ring_hint_ = 1;
};

}  // namespace memoir
