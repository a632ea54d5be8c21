#include "track/runtime_state.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/blocked_signals.h"
#include "base/raw_syscall.h"
#include "track/checked_allocator.h"
#include "track/event_writer.h"
#include "track/failing_sites.h"
#include "track/fault_report.h"
#include "track/guards.h"
#include "track/initial_environment.h"
#include "track/tracker.h"
#include "unwind/eh_frame.h"
#include "unwind/libunwind_fallback.h"

namespace memoir {

constinit Runtime g_runtime;
MEMOIR_THREAD_LOCAL ThreadLocal t_thread;

namespace {

// Keys are destroyed in rounds: asking to be called again puts us behind the destructors
// of the program, whose frees are then still recorded.
constexpr unsigned kExitRounds = 3;

// PTHREAD_KEY_2NDLEVEL_SIZE of glibc.
constexpr pthread_key_t kFirstAllocatedKey = 32;

void write_thread_event(ThreadState& state, EventKind kind, std::uint64_t address,
                        std::uint64_t size) {
  Event event;
  event.kind = kind;
  event.stack = state.thread_number;
  event.time = g_runtime.session.clock().now();
  event.address = address;
  event.size = size;
  write_event(g_runtime.session, state, event);
}

// What the heap keeps for a thread goes to the others.
void leave_heap(ThreadState& state) {
  if (!serves_blocks()) return;
  Findings findings;
  checked_heap().flush(state.cache, findings);
  if (findings.empty()) return;
  report_findings(findings, kNoStack, Api::kUnknown, __builtin_frame_address(0));
}

void leave_thread(void* value) {
  auto* state = static_cast<ThreadState*>(value);
  if (t_thread.state != state || !g_runtime.session.recording()) return;
  // What was cancelled in the middle of an event does not come back to it.
  state->ring.give_up_unpublished();
  state->inside = 0;
  if (++state->exit_rounds <= kExitRounds) {
    pthread_setspecific(g_runtime.thread_key, state);
    return;
  }
  track_thread_name();
  write_thread_event(*state, EventKind::kThreadExit, 0, 0);
  leave_heap(*state);
  t_thread.state = nullptr;
  t_thread.has_no_ring = true;
  g_runtime.threads.detach(state);
}

void at_exit(int status, void*) { track_exit(status); }

void install_hooks() {
  pthread_key_create(&g_runtime.thread_key, leave_thread);
  // Registered before anything of the program: called after everything of it.
  on_exit(at_exit, nullptr);
  if (g_runtime.session.options().libunwind || !can_find_frame_rules()) {
    if (!open_libunwind() && g_runtime.session.options().verbose) {
      say("libunwind.so.8 not found: a few unusual frames will end their stacks early");
    }
  }
  g_runtime.hooks_installed = true;
}

void forget_parent() {
  forget_reported_faults();
  forget_failing_sites();
  g_runtime.session.forget_parent();
  g_runtime.threads.forget();
  g_runtime.modules.forget();
  g_runtime.shared_owner.store(0);
  g_runtime.shared = nullptr;
  g_runtime.shared_thread = 0;
  t_thread.state = nullptr;
  t_thread.number = 0;
  t_thread.has_no_ring = false;
}

bool start_session() {
  Runtime& runtime = g_runtime;
  if (!runtime.session.start()) return false;
  if (!runtime.hooks_installed) install_hooks();
  count_guards();
  runtime.shared = runtime.threads.make_shared(runtime.session.memory());
  return runtime.shared != nullptr;
}

// What runs before libc's own initialisation (.preinit_array) finds no environment yet:
// it lies behind the arguments at the end of the stack. A forked program may have thrown
// its own away since, and needs none.
bool start_with_environment() {
  if (environ != nullptr || g_runtime.hooks_installed) return start_session();
  char** const initial = initial_environment();
  if (initial == nullptr) return false;
  environ = initial;
  const bool started = start_session();
  if (environ == initial) environ = nullptr;
  return started;
}

}  // namespace

bool ensure_recording() {
  Runtime& runtime = g_runtime;
  RuntimeState state = runtime.state.load(std::memory_order_acquire);
  if (state == RuntimeState::kOff || state == RuntimeState::kStarting) return false;
  const bool forked = state == RuntimeState::kRecording;
  if (forked && raw_syscall(SYS_getpid) == runtime.session.pid()) return false;
  const BlockedSignals blocked;
  if (!runtime.state.compare_exchange_strong(state, RuntimeState::kStarting))
    return false;
  const int saved_errno = errno;
  const bool was_attaching = t_thread.attaching;
  t_thread.attaching = true;
  if (forked) forget_parent();
  const bool started = start_with_environment();
  if (!started) setenv(kSessionVariable, kNoSession, 1);
  runtime.state.store(started ? RuntimeState::kRecording : RuntimeState::kOff,
                      std::memory_order_release);
  if (started) runtime.session.open_gate();
  t_thread.attaching = was_attaching;
  errno = saved_errno;
  return started;
}

void leave_ring() {
  ThreadState* state = t_thread.state;
  if (state == nullptr) return;
  leave_heap(*state);
  pthread_setspecific(g_runtime.thread_key, nullptr);
  t_thread.state = nullptr;
  t_thread.has_no_ring = true;
  g_runtime.threads.detach(state);
}

bool attach_thread(bool may_allocate) {
  ThreadLocal& self = t_thread;
  if (self.attaching) return false;
  // The first keys have their place in the thread's descriptor; others are allocated.
  if (!may_allocate && g_runtime.thread_key >= kFirstAllocatedKey) return false;
  const BlockedSignals blocked;
  self.attaching = true;
  const int saved_errno = errno;
  Runtime& runtime = g_runtime;
  const SessionMemory& memory = runtime.session.memory();
  self.number = memory.header().thread_count.fetch_add(1) + 1;
  self.bounds = current_stack_bounds();
  ThreadState* state = runtime.threads.attach(memory, self.number);
  self.has_no_ring = state == nullptr;
  if (state != nullptr) {
    state->walker.set_bounds(self.bounds);
    pthread_setspecific(runtime.thread_key, state);
    char name[17] = {};
    raw_syscall(SYS_prctl, PR_GET_NAME, name);
    write_thread_event(*state, EventKind::kThreadStart,
                       static_cast<std::uint64_t>(raw_syscall(SYS_gettid)),
                       memory.add_text(name, strlen(name)));
    self.state = state;
  }
  errno = saved_errno;
  self.attaching = false;
  return true;
}

}  // namespace memoir
