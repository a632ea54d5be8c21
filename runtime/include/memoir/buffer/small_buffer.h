#pragma once

// Elements within the object itself where they are few, and in a buffer otherwise: for
// short rows that need no allocation. Move-only; when it moves, elements that lie within
// move along, so that pointers and spans to them end with the object that they were
// taken from.
//
// Complexity: O(1), but for fill(); a move copies the bytes within.
// Thread safety: one thread at a time.
// Errors: std::out_of_range beyond the end, std::logic_error for what was moved from,
// std::length_error for a count that does not fit within.
// Findings: out_of_bounds, stale_handle (moved from)
// Design: Memoir's own: the inline tier of hybrid_allocator, which ZiggyAlloc has not.

#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>

#include "memoir/buffer/buffer.h"

MEMOIR_BEGIN

template <unmanaged T, std::size_t Bytes = 64>
class small_buffer {
 public:
  using value_type = T;

  small_buffer() = default;
  // Within; std::length_error where they do not fit. Uninitialized unless zeros are asked
  // for.
  explicit small_buffer(std::size_t count, zero content = zero::no)
      : size_{count}, place_{place::within} {
    if (count > Bytes / sizeof(T)) throw std::length_error("small_buffer");
    if (content == zero::yes) std::memset(room_, 0, Bytes);
  }
  // Takes the buffer over.
  explicit small_buffer(buffer<T> outside)
      : size_{outside.size()}, place_{place::outside}, outside_{std::move(outside)} {}

  small_buffer(small_buffer&& other) noexcept { take(other); }
  small_buffer& operator=(small_buffer&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }

  // Whether so many elements can lie within.
  static constexpr bool fits(std::size_t count) noexcept {
    return count <= Bytes / sizeof(T) && alignof(T) <= alignof(std::max_align_t);
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool is_inline() const noexcept { return place_ == place::within; }

  // Unchecked; null where it has none.
  T* data() noexcept { return is_inline() ? within() : outside_.data(); }
  const T* data() const noexcept {
    return is_inline() ? const_cast<small_buffer*>(this)->within() : outside_.data();
  }
  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size_; }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size_; }

  T& operator[](checked_index index) { return data()[checked(index)]; }
  const T& operator[](checked_index index) const { return data()[checked(index)]; }

  // All elements. Throws std::logic_error where it was moved from (stale_handle), and so
  // does fill().
  std::span<T> span(site where = site::current()) & {
    usable(where);
    return {data(), size_};
  }
  void fill(const T& value, site where = site::current()) {
    usable(where);
    std::fill_n(data(), size_, value);
  }

 private:
  enum class place : unsigned char { nowhere, within, outside, moved };

  T* within() noexcept { return std::launder(reinterpret_cast<T*>(room_)); }

  void take(small_buffer& other) noexcept {
    if (other.is_inline()) std::memcpy(room_, other.room_, Bytes);
    outside_ = std::move(other.outside_);
    size_ = std::exchange(other.size_, 0);
    place_ = other.place_;
    if (place_ != place::nowhere) other.place_ = place::moved;
  }
  std::size_t checked(checked_index index) const {
    if (index.value >= size_) [[unlikely]] {
      usable(index.where);
      detail::throw_out_of_range("small_buffer", index.value, data(), index.where);
    }
    return index.value;
  }
  void usable(site where) const {
    if (place_ != place::moved) [[likely]]
      return;
    detail::report(finding::stale_handle, "small_buffer", where, "it was moved from");
    throw std::logic_error("small_buffer: used after it was moved from");
  }

  alignas(std::max_align_t) std::byte room_[Bytes];
  std::size_t size_ = 0;
  place place_ = place::nowhere;
  buffer<T> outside_;
};

MEMOIR_END
