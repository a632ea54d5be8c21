#pragma once

// Which thread has the block of a handle, how often it changed handles, and when it was
// last known to be live. That another thread moves or gives back a block is a hand-over,
// which is told. Empty where tracking is off.
//
// Thread safety: is_live() by any threads at once, the rest by one at a time.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memoir/detail/pool_watch.h"
#include "memoir/detail/thread_number.h"

MEMOIR_BEGIN
namespace detail {

template <bool Tracking>
class basic_block_holder {
 public:
  constexpr void moved(const pool_watch&, const void*, std::size_t, site) {}
  constexpr bool is_live(const pool_watch&, const void*, block_number, site) const {
    return true;
  }
  constexpr void ends(const pool_watch&, const void*, std::size_t, site) {}
};

template <>
class basic_block_holder<true> {
 public:
  basic_block_holder() = default;
  basic_block_holder(const basic_block_holder& other) noexcept { *this = other; }
  basic_block_holder& operator=(const basic_block_holder& other) noexcept {
    thread_ = other.thread_;
    moves_ = other.moves_;
    live_in_.store(other.live_in_.load(std::memory_order_relaxed),
                   std::memory_order_relaxed);
    return *this;
  }

  // pool_watch::check(), but for blocks that are known to be live as long as no block of
  // the pool has ended since.
  bool is_live(const pool_watch& watch, const void* block, block_number number,
               site where) const {
    const std::uint64_t now = watch.endings();
    if (live_in_.load(std::memory_order_relaxed) == now) return true;
    if (!watch.check(block, number, where)) return false;
    live_in_.store(now, std::memory_order_relaxed);
    return true;
  }
  // Into another handle, by the calling thread.
  void moved(const pool_watch& watch, const void* block, std::size_t bytes, site where) {
    ++moves_;
    used(watch, block, bytes, where);
  }
  // The handle has it no longer.
  void ends(const pool_watch& watch, const void* block, std::size_t bytes, site where) {
    used(watch, block, bytes, where);
    if (moves_ != 0) watch.tell(pool_event::move, where, block, bytes, moves_);
    moves_ = 0;
  }

 private:
  void used(const pool_watch& watch, const void* block, std::size_t bytes, site where) {
    const std::uint64_t me = records::thread_number();
    if (thread_ == me) return;
    thread_ = me;
    watch.tell(pool_event::hand_over, where, block, bytes);
  }

  std::uint64_t thread_ = records::thread_number();
  std::uint64_t moves_ = 0;
  mutable std::atomic<std::uint64_t> live_in_{0};  // pool_watch::endings()
};

using block_holder = basic_block_holder<is_tracking>;

}  // namespace detail
MEMOIR_END
