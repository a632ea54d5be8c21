#pragma once

// Elements of somebody else, with a checked end: what allocate_deferred() gives. Copied
// like a pointer. Where tracking is on, uses after the memory was given back are found,
// as long as it lies in a block that is watched.
//
// Complexity: O(1), but for fill() and zero(); making one looks through all blocks where
// tracking is on.
// Thread safety: as a value; the elements are as safe as elements are.
// Errors: std::out_of_range beyond the end.
// Findings: out_of_bounds, stale_handle (the memory was given back)
// Design: Slice<T> and Pointer<T> of ZiggyAlloc's version 1.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "memoir/checked_index.h"
#include "memoir/detail/block_request.h"
#include "memoir/detail/known_block.h"

MEMOIR_BEGIN

template <unmanaged T>
class buffer_ref {
 public:
  using value_type = T;

  // A pointer as native functions have it.
  struct pointer {
    T* address = nullptr;
    T* raw() const noexcept { return address; }
    T& operator*() const noexcept { return *address; }
    T* operator->() const noexcept { return address; }
  };

  buffer_ref() = default;
  // On elements of somebody else; the block that they lie in, if one is watched, is
  // remembered.
  buffer_ref(T* data, std::size_t size) : data_{data}, size_{size}, block_{data} {}

  std::size_t size() const noexcept { return size_; }
  std::size_t length() const noexcept { return size_; }
  std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }
  bool empty() const noexcept { return size_ == 0; }
  bool valid() const noexcept { return data_ != nullptr; }
  // Unchecked, as are ptr(), begin() and end().
  T* data() const noexcept { return data_; }
  pointer ptr() const noexcept { return {data_}; }
  T* begin() const noexcept { return data_; }
  T* end() const noexcept { return data_ + size_; }

  T& operator[](checked_index index) const {
    if (index.value >= size_) [[unlikely]] {
      detail::throw_out_of_range("buffer_ref", index.value, data_, index.where);
    }
    check(index.where);
    return data_[index.value];
  }
  // The one element of a single.
  T& operator*() const { return (*this)[{0, site::of_thread()}]; }

  // These report where the memory was given back (stale_handle), and go on.
  std::span<T> span(site where = site::current()) const {
    check(where);
    return {data_, size_};
  }
  void fill(const T& value, site where = site::current()) const {
    check(where);
    std::fill_n(data_, size_, value);
  }
  void zero(site where = site::current()) const {
    check(where);
    if (size_ != 0) std::memset(static_cast<void*>(data_), 0, size_bytes());
  }

 private:
  void check(site where) const {
    if (!block_.is_live()) [[unlikely]] {
      detail::report(finding::stale_handle, "buffer_ref", where,
                     "the block that it refers to is gone", data_, size_bytes());
    }
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  [[no_unique_address]] detail::known_block block_;
};

MEMOIR_END
