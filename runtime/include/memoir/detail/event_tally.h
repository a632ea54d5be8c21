#pragma once

// Counts what happens too often to be told one by one: told many at once, and what is
// left when its owner ends. Empty where tracking is off.
//
// Thread safety: one thread at a time.

#include <cstddef>
#include <cstdint>

#include "memoir/detail/pool_watch.h"

MEMOIR_BEGIN
namespace detail {

template <bool Tracking>
class basic_event_tally {
 public:
  constexpr explicit basic_event_tally(pool_event) {}
  constexpr void add(const pool_watch&, std::size_t) {}
  constexpr void flush(const pool_watch&) {}
};

template <>
class basic_event_tally<true> {
 public:
  explicit basic_event_tally(pool_event kind) : kind_{kind} {}
  // Once more, of so many bytes.
  void add(const pool_watch& watch, std::size_t bytes) {
    bytes_ += bytes;
    if (++count_ == kMost) flush(watch);
  }
  void flush(const pool_watch& watch) {
    if (count_ == 0) return;
    watch.tell(kind_, site::of_thread(), nullptr, bytes_, 0, "", count_);
    count_ = 0;
    bytes_ = 0;
  }

 private:
  static constexpr std::uint32_t kMost = 4096;
  pool_event kind_;
  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
};

using event_tally = basic_event_tally<is_tracking>;

}  // namespace detail
MEMOIR_END
