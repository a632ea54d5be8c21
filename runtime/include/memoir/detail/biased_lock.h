#pragma once

// A lock that one thread takes again and again at the cost of two plain stores, and all
// others only now and then at the cost of a system call: membarrier(2) makes the stores
// of the owner visible in order, so that the owner itself needs no fence.
//
//   owner:   enter(): busy = 1; revoked?  ...  leave(): busy = 0
//   other:   revoke(): revoked = 1;  heavy_fence();  await(): until busy = 0  ... allow()
//
// Either the owner sees `revoked`, and stays out, or the other one sees `busy`, and
// waits.

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "memoir/config.h"

MEMOIR_BEGIN
namespace detail {

// Whether heavy_fence() works here; asked once. Not under every kernel, sandbox or tool.
// The first call may take some milliseconds where there are threads already.
inline bool have_heavy_fence() noexcept {
  static const bool have =
      ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
  return have;
}

// Every thread of the process, the caller too, has done a full fence when it returns.
// Whether it did: in a forked child of a program that has none, it may not.
inline bool heavy_fence() noexcept {
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0) return true;
  return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) ==
             0 &&
         ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

class biased_lock {
 public:
  // The owner. False: it must not go on, and has nothing to leave.
  bool enter() noexcept {
    busy_.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);  // the rest is heavy_fence()
    if (revoked_.load(std::memory_order_acquire)) [[unlikely]] {
      busy_.store(false, std::memory_order_release);
      return false;
    }
    return true;
  }
  void leave() noexcept { busy_.store(false, std::memory_order_release); }

  // Others, one at a time: revoke(), heavy_fence(), await(); then what it guards is the
  // caller's until allow().
  void revoke() noexcept { revoked_.store(true, std::memory_order_relaxed); }
  void await() const noexcept {
    while (busy_.load(std::memory_order_acquire)) ::sched_yield();
  }
  void allow() noexcept { revoked_.store(false, std::memory_order_release); }
  bool is_revoked() const noexcept { return revoked_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> busy_{false};
  std::atomic<bool> revoked_{false};
};

}  // namespace detail
MEMOIR_END
