#pragma once

// What the runtime keeps for each thread of the program: its ring, and its walker, which
// remembers the last stack.
//
// One thread owns a state at a time. States are mapped pages, recycled when their thread
// has ended, never given back: a late signal handler must not meet unmapped memory.

#include <cstdint>

#include "heap/thread_cache.h"
#include "track/settled_addresses.h"
#include "unwind/stack_walker.h"
#include "wire/ring.h"

namespace memoir {

struct ThreadState {
  RingWriter ring;
  std::uint32_t ring_number = 0;
  std::uint32_t thread_number = 0;  // in the session, from 1

  // Frame address of the interposer this thread is recording for; 0: none. A nested one
  // (from a signal handler) lies below it on the same stack.
  std::uintptr_t inside = 0;

  // The module generation that all that is known of addresses belongs to.
  std::uint32_t generation = 0;

  // How often the thread's key destructor asked to be called again.
  unsigned exit_rounds = 0;

  // Where check_stack() puts libunwind's answer, once it was needed.
  std::uint64_t* checked_pcs = nullptr;

  // Of check mode: the slots at hand.
  ThreadCache cache;

  ThreadState* next_free = nullptr;

  SettledAddresses settled;
  StackWalker walker;
};

}  // namespace memoir
