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
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

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

// What a sandbox that forbids membarrier(2) leaves: a page that is written, then taken
// away, must be forgotten by every processor that runs a thread of this process, and to
// be told so is a barrier.
inline void barrier_by_mapping() noexcept {
  constexpr std::size_t kPage = 4096;
  void* const page =
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  *static_cast<volatile char*>(page) = 1;
  munmap(page, kPage);
}

inline void heavy_barrier() noexcept {
  static std::atomic<unsigned> order{0};
  order.fetch_add(1, std::memory_order_seq_cst);
  if (!has_membarrier) return;
  const int error = errno;
  const auto barrier = [] {
    return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
  };
  // A fork loses the registration; nothing else may, but a sandbox.
  if (!barrier() && !(register_membarrier() && barrier())) barrier_by_mapping();
  errno = error;
}

}  // namespace detail
MEMOIR_END
