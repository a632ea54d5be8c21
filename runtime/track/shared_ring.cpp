#include "track/shared_ring.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/raw_syscall.h"
#include "track/runtime_state.h"

namespace memoir {
namespace {

// How often to let others run before it is asked whether the owner still lives.
constexpr unsigned kPatience = 1000;

bool has_died(std::uint32_t tid) {
  siginfo_t ended{};
  const long answer = raw_syscall(SYS_waitid, P_PID, tid, &ended,
                                  WEXITED | WNOHANG | WNOWAIT | __WALL, 0);
  if (answer == 0) return ended.si_pid != 0;  // a child of ours
  return raw_syscall(SYS_kill, tid, 0) == -ESRCH;
}

// What its owner was about to do is unknown: a new state goes on behind it.
void take_over() {
  Runtime& runtime = g_runtime;
  if (ThreadState* fresh = runtime.threads.make_shared(runtime.session.memory())) {
    fresh->ring = runtime.shared->ring;
    runtime.shared = fresh;
  }
  runtime.shared->ring.give_up_unpublished();
  runtime.shared_thread = 0;
}

}  // namespace

SharedRingGuard::SharedRingGuard() {
  std::atomic<std::uint32_t>& owner = g_runtime.shared_owner;
  const auto tid = static_cast<std::uint32_t>(raw_syscall(SYS_gettid));
  for (unsigned tries = 1;; ++tries) {
    std::uint32_t found = 0;
    if (owner.compare_exchange_strong(found, tid, std::memory_order_acquire)) break;
    if (found == tid) return;
    if (tries % kPatience == 0 && has_died(found) &&
        owner.compare_exchange_strong(found, tid, std::memory_order_acquire)) {
      take_over();
      break;
    }
    raw_syscall(SYS_sched_yield);
  }
  taken_ = true;
}

SharedRingGuard::~SharedRingGuard() {
  if (taken_) g_runtime.shared_owner.store(0, std::memory_order_release);
}

}  // namespace memoir
