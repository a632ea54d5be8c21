#pragma once

// A pair of memory barriers of which the frequent one costs nothing, because the rare one
// makes all other threads of the process execute theirs (membarrier(2)).
//
//   frequent:  mine = true;  light_barrier();  look at theirs
//   rare:      theirs = true;  heavy_barrier();  look at mine
//
// Whatever the interleaving, one of the two sees what the other wrote. Where the kernel
// has no such call, the frequent one is a real barrier. Thread safety: any.

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "memoir/config.h"

MEMOIR_BEGIN
namespace detail {

inline bool register_membarrier() noexcept {
  const int error = errno;
  const bool done =
      syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
  errno = error;
  return done;
}

// Whether heavy_barrier() does the work of both.
inline const bool has_membarrier = register_membarrier();

// Stores into `flag`, which all later loads come after.
inline void store_with_light_barrier(std::atomic<bool>& flag, bool value) noexcept {
  if (has_membarrier) [[likely]] {
    flag.store(value, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } else {
    flag.exchange(value, std::memory_order_seq_cst);
  }
}

inline void heavy_barrier() noexcept {
  static std::atomic<unsigned> order{0};
  order.fetch_add(1, std::memory_order_seq_cst);
  if (!has_membarrier) return;
  const int error = errno;
  while (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) {
    register_membarrier();  // lost in a fork
  }
  errno = error;
}

}  // namespace detail
MEMOIR_END
