#pragma once

// The one instance of everything the runtime keeps, and how a thread gets at its part.
//
// Static, constant-initialised and never destroyed: it must work before the first
// constructor and after the last destructor of the program.

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "track/module_registry.h"
#include "track/session.h"
#include "track/thread_registry.h"
#include "unwind/stack_bounds.h"

namespace memoir {

enum class RuntimeState : std::uint32_t { kUnstarted, kStarting, kRecording, kOff };

struct Runtime {
  std::atomic<RuntimeState> state{RuntimeState::kUnstarted};
  Session session;
  ModuleRegistry modules;
  ThreadRegistry threads;
  // What is set up once per program, not per forked child.
  bool hooks_installed = false;
  pthread_key_t thread_key = 0;
  // The state behind ring 0, for threads that have no ring: used under `shared_owner`,
  // the tid of the thread that is in it.
  std::atomic<std::uint32_t> shared_owner{0};
  ThreadState* shared = nullptr;
  std::uint32_t shared_thread = 0;  // whose events stand last in ring 0
};

extern constinit Runtime g_runtime;

// What the calling thread knows of itself.
struct ThreadLocal {
  ThreadState* state = nullptr;
  std::uint32_t number = 0;  // of the session; 0: none yet
  bool attaching = false;    // inside the runtime's own set-up: record nothing
  bool has_no_ring = false;  // ended, or none was free: ring 0 it is
  StackBounds bounds;
};

extern MEMOIR_THREAD_LOCAL ThreadLocal t_thread;

// Makes sure that the process records: starts the session, or a new one in a forked
// child. False when it does not.
MEMOIR_SLOW_PATH bool ensure_recording();

// Gives the calling thread a number, its stack's bounds and, if there is one, a ring.
// False inside the runtime's own set-up, and where it would take an allocation that the
// caller cannot have.
MEMOIR_SLOW_PATH bool attach_thread(bool may_allocate);

// The calling thread goes on without the ring it had.
MEMOIR_SLOW_PATH void leave_ring();

}  // namespace memoir
