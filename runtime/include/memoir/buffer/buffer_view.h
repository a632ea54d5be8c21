#pragma once

// Pointer, size and location of a buffer that somebody else owns.
//
// Costs as much as a std::span where tracking is off. Where it is on, a view knows its
// block: every checked access to one whose buffer has ended is reported. Functions that
// need no more than elements should take a std::span.
//
// Complexity: O(1).
// Thread safety: as a value; the elements are as safe as elements are.
// Errors: std::out_of_range for an index or a part beyond the end; std::logic_error from
// at() for memory of a device; std::invalid_argument from as().
// Findings: out_of_bounds, wrong_location (memory of a device), alloc_dealloc_mismatch
// (as()), use_after_free, use_after_return, stale_handle (its buffer has ended)
// Design: pt::memory::buffer_base of PipelineTools, from which owners derive, so that
// copies slice them; here nothing does, and the view of a const buffer is one of const
// elements.

#include <cstddef>
#include <ranges>
#include <span>
#include <stdexcept>
#include <type_traits>

#include "memoir/checked_index.h"
#include "memoir/detail/element_checks.h"
#include "memoir/detail/view_mark.h"
#include "memoir/finding.h"
#include "memoir/memory_location.h"
#include "memoir/site.h"

MEMOIR_BEGIN

template <class T>
class buffer_view {
 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;

  buffer_view() = default;
  // Of memory that no buffer of ours owns: nothing is known of its end.
  constexpr buffer_view(T* data, std::size_t size,
                        memory_location location = memory_location::host) noexcept
      : data_{data}, size_{size}, location_{location} {}
  // Of a buffer; made by view().
  buffer_view(T* data, std::size_t size, memory_location location,
              detail::view_mark mark) noexcept
      : data_{data}, size_{size}, location_{location}, mark_{std::move(mark)} {}
  // Of const elements.
  template <class U>
  requires(std::is_same_v<const U, T>) buffer_view(const buffer_view<U>& other)
  noexcept
      : data_{other.data_},
        size_{other.size_},
        location_{other.location_},
        mark_{other.mark_} {}

  // Not checked, for those who pass the address on, to a device for one.
  T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }
  bool empty() const noexcept { return size_ == 0; }
  memory_location location() const noexcept { return location_; }
  T* begin() const noexcept { return data_; }
  T* end() const noexcept { return data_ + size_; }

  // Whether what it looks at is still there; otherwise that is reported. Without
  // tracking nobody knows: true.
  bool check(site where = site::current()) const { return mark_.check(where); }

  // The elements. Reports memory of a device (wrong_location) and buffers that have
  // ended, and goes on.
  std::span<T> span(site where = site::current()) const {
    check_access(where);
    return {data_, size_};
  }

  // Their bytes.
  auto byte_span(site where = site::current()) const {
    static_assert(std::is_trivially_copyable_v<T>, "objects have no bytes to be seen");
    if constexpr (std::is_const_v<T>) {
      return std::as_bytes(span(where));
    } else {
      return std::as_writable_bytes(span(where));
    }
  }

  // Throws std::out_of_range beyond the end (out_of_bounds). Otherwise as span().
  T& operator[](checked_index index) const {
    if (index.value >= size_) [[unlikely]] {
      detail::throw_out_of_range("buffer_view", index.value, data_, index.where);
    }
    check_access(index.where);
    return data_[index.value];
  }

  // The same; throws std::logic_error where the memory lies on a device.
  T& at(std::size_t index, site where = site::current()) const {
    if (!is_host_accessible(location_)) [[unlikely]] {
      detail::check_host(location_, "buffer_view", data_, where);
      throw std::logic_error("buffer_view::at: the memory lies on a device");
    }
    return (*this)[{index, where}];
  }

  // A part of it. Throws std::out_of_range where it has no such part (out_of_bounds).
  buffer_view subview(std::size_t offset, std::size_t count,
                      site where = site::current()) const {
    detail::check_range(offset, count, size_, "buffer_view", data_, where);
    return {data_ + offset, count, location_, mark_};
  }

  // The same bytes as elements of another type. Throws std::invalid_argument where they
  // are no whole number of those, or not aligned (alloc_dealloc_mismatch).
  template <class U>
  buffer_view<U> as(site where = site::current()) const {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_copyable_v<U>);
    static_assert(std::is_const_v<U> || !std::is_const_v<T>, "const stays const");
    const auto address = reinterpret_cast<std::uintptr_t>(data_);
    if (size_bytes() % sizeof(U) != 0 || address % alignof(U) != 0) {
      detail::report(finding::alloc_dealloc_mismatch, "buffer_view", where,
                     "the bytes are no elements of that size and alignment", data_,
                     size_bytes());
      throw std::invalid_argument("buffer_view::as: size or alignment do not fit");
    }
    // No cast between pointers to T and U: bytes may be either.
    return {static_cast<U*>(static_cast<void_of<U>*>(data_)), size_bytes() / sizeof(U),
            location_, mark_};
  }

 private:
  template <class U>
  friend class buffer_view;
  template <class U>
  using void_of = std::conditional_t<std::is_const_v<U>, const void, void>;

  void check_access(site where) const {
    detail::check_host(location_, "buffer_view", data_, where);
    mark_.check(where);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  memory_location location_ = memory_location::host;
  [[no_unique_address]] detail::view_mark mark_;
};

MEMOIR_END

template <class T>
inline constexpr bool std::ranges::enable_borrowed_range<memoir::buffer_view<T>> = true;
template <class T>
inline constexpr bool std::ranges::enable_view<memoir::buffer_view<T>> = true;
