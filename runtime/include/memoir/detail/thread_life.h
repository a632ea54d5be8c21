#pragma once

// Whether a thread that uses pools still runs, and what it knows of the pools that it
// used last: nothing of it has a constructor that runs, or takes a lock.
//
//   thread: slots | pool number -> what it keeps of that pool |...
//           life  <-- shared with all that it keeps
//
// Thread safety: lives, any thread; slots are the thread's own.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "memoir/config.h"

MEMOIR_BEGIN
namespace detail {

class thread_life {
 public:
  bool is_over() const noexcept { return over_.load(std::memory_order_acquire); }
  void end() noexcept {
    over_.store(true, std::memory_order_release);
    ended_.fetch_add(1, std::memory_order_release);
  }
  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  // How many lives are over.
  static std::uint64_t ended() noexcept { return ended_.load(std::memory_order_acquire); }

 private:
  static inline constinit std::atomic<std::uint64_t> ended_{0};
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> references_{1};
};

// Pool numbers are never used again, so that an old entry is only never looked for.
struct thread_slot {
  std::uint64_t pool;
  void* kept;
};
inline constexpr std::size_t kThreadSlots = 32;
inline thread_local constinit std::array<thread_slot, kThreadSlots> thread_slots{};

inline thread_slot& slot_of(std::uint64_t pool) noexcept {
  return thread_slots[pool % kThreadSlots];
}

inline std::uint64_t next_pool_number() noexcept {
  static constinit std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

// The life of this thread; null where it is about to end, or there is no memory: then it
// keeps nothing.
inline thread_local constinit bool this_thread_is_over = false;
inline thread_life* this_thread_life() noexcept {
  if (this_thread_is_over) return nullptr;
  struct keeper {
    thread_life* life = new (std::nothrow) thread_life;
    ~keeper() {
      // What is used by later destructors of this thread finds nothing.
      thread_slots = {};
      this_thread_is_over = true;
      if (life == nullptr) return;
      life->end();
      life->release();
    }
  };
  thread_local keeper mine;
  return mine.life;
}

}  // namespace detail
MEMOIR_END
