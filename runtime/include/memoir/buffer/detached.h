#pragma once

// A pointer into a tensor that nothing checks any more, and its announcement: what
// neuralyze() gives.
//
// Complexity: O(1), and a lock and O(detached pointers) of its arena where tracking is
// on.
// Thread safety: as a value.
// Errors: std::bad_alloc from neuralyze(), where tracking is on.
// Findings: stale_handle (its memory was dropped, reset or moved meanwhile),
// use_after_reset (neuralyze() of what is gone)
// Design: neuralyze of Buffers.jl, after which nobody knows of the pointer.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "memoir/detail/view_life.h"

MEMOIR_BEGIN

// The elements of a tensor without their origin, for code that knows only pointers. While
// one lives, the end of its memory (a drop, a reset, a growth that moves it) is reported
// (stale_handle) where it happens. release() gives a pointer away that stays announced
// until the arena's recall().
// A range, so that a std::span can be made of one that has a name, but of no temporary:
// the announcement has to live as long as the pointer. Thread safety: as a value.
template <class T>
class [[nodiscard]] detached {
 public:
  detached(T* data, std::size_t size, const detail::view_life& life, site where)
      : data_{data}, size_{size}, life_{life} {
    id_ = detail::view_source::detach(life_, where);
  }
  detached(detached&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)},
        size_{std::exchange(other.size_, 0)},
        life_{other.life_},
        id_{std::exchange(other.id_, 0)} {}
  detached& operator=(detached&& other) noexcept {
    detached taken{std::move(other)};
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(life_, taken.life_);
    std::swap(id_, taken.id_);
    return *this;
  }
  ~detached() {
    if (id_ != 0) detail::view_source::attach(life_, id_);
  }

  T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::span<T> span() const noexcept { return {data_, size_}; }
  T* begin() const noexcept { return data_; }
  T* end() const noexcept { return data_ + size_; }

  // The pointer; it stays announced.
  [[nodiscard]] T* release() noexcept {
    id_ = 0;
    size_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  T* data_;
  std::size_t size_;
  [[no_unique_address]] detail::view_life life_;
  std::uint64_t id_ = 0;
};

MEMOIR_END
