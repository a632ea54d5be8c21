#pragma once

// Which thread has the block of a handle, and how often it changed handles. That another
// thread moves or gives back a block is a hand-over, which is told. Empty where tracking
// is off.

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
  constexpr void ends(const pool_watch&, const void*, std::size_t, site) {}
};

template <>
class basic_block_holder<true> {
 public:
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
};

using block_holder = basic_block_holder<is_tracking>;

}  // namespace detail
MEMOIR_END
