#pragma once

// A lock that one thread takes again and again at the cost of two plain stores, and all
// others only now and then at that of a heavy barrier (asymmetric_barrier.h).
//
//   owner:   enter(): busy = 1; revoked?  ...  leave(): busy = 0
//   other:   revoke(): revoked = 1;  heavy_barrier();  await(): until busy = 0  ...
//   allow()
//
// Either the owner sees `revoked`, and stays out, or the other one sees `busy`, and
// waits.

#include <sched.h>

#include <atomic>

#include "memoir/config.h"
#include "memoir/detail/asymmetric_barrier.h"

MEMOIR_BEGIN
namespace detail {

class biased_lock {
 public:
  // The owner. False: it must not go on, and has nothing to leave.
  bool enter() noexcept {
    store_with_light_barrier(busy_, true);
    if (revoked_.load(std::memory_order_acquire)) [[unlikely]] {
      busy_.store(false, std::memory_order_release);
      return false;
    }
    return true;
  }
  void leave() noexcept { busy_.store(false, std::memory_order_release); }

  // Others, one at a time: revoke(), heavy_barrier(), await(); then what it guards is the
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
