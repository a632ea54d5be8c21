#pragma once

// A row of elements in memory of an allocator, which goes back when the buffer ends; or a
// view on memory of somebody else that looks the same.
//
//   auto numbers = memory.allocate<int>(100);
//   numbers[15] = 1;                          // checked, in every build
//   std::span<int> all = numbers;             // costs nothing
//
// Move-only. Safe to keep longer than its allocator. Where tracking is on, uses of memory
// that was given back behind the buffer's back are found, and so are writes beyond its
// end through pointers and spans.
//
// Complexity: O(1), but for fill(), zero() and copy_from(); wrap() looks through all
// blocks where tracking is on.
// Thread safety: one thread at a time.
// Errors: std::out_of_range for what lies beyond the end, std::logic_error after
// dispose() and for what was moved from, std::length_error where a source is longer,
// std::invalid_argument where null is wrapped.
// Findings: out_of_bounds, use_after_dispose, stale_handle (moved from, or its block was
// freed by its address, or its wrapped block is gone), bad_size (null is wrapped),
// use_after_free, use_after_return, use_after_reset, pool_overflow (as its allocator)
// Design: ZiggyAlloc's UnmanagedBuffer<T>, which began as a structure that is copied, and
// so freed twice.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>

#include "memoir/checked_index.h"
#include "memoir/detail/block_request.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/common_watch.h"
#include "memoir/detail/known_block.h"

MEMOIR_BEGIN

template <unmanaged T>
class buffer {
 public:
  using value_type = T;
  using element_type = T;
  using size_type = std::size_t;
  using iterator = T*;
  using const_iterator = const T*;

  // Of no elements, and not valid().
  buffer() = default;

  // Owns a block that an allocator handed out.
  explicit buffer(detail::detached_block block) noexcept
      : handle_{block},
        data_{static_cast<T*>(block.block)},
        size_{block.bytes / sizeof(T)},
        state_{state::owner} {}

  // A view on elements of somebody else, which dispose() leaves alone. If they lie in a
  // block that is watched, it is looked after (finding stale_handle when it is gone), and
  // so is its end (out_of_bounds). Throws std::invalid_argument for a null pointer with a
  // count.
  static buffer wrap(T* data, std::size_t count, site where = site::current()) {
    buffer view;
    if (count == 0) return view;
    if (data == nullptr) {
      detail::report(finding::bad_size, "buffer", where, "null was wrapped");
      throw std::invalid_argument("buffer::wrap: no memory");
    }
    view.wrapped_ = detail::known_block{data};
    if (!view.wrapped_.holds(data, count * sizeof(T))) {
      detail::report(finding::out_of_bounds, "buffer", where,
                     "more elements are wrapped than the block holds", data,
                     count * sizeof(T));
    }
    detail::heap_watch().tell(detail::pool_event::wrap, where, data, count * sizeof(T));
    view.data_ = data;
    view.size_ = count;
    view.state_ = state::view;
    return view;
  }

  buffer(buffer&& other) noexcept { take(other); }
  buffer& operator=(buffer&& other) noexcept {
    if (this != &other) {
      dispose();
      take(other);
    }
    return *this;
  }
  ~buffer() = default;

  // Elements, and bytes. 0 after dispose().
  std::size_t size() const noexcept { return size_; }
  std::size_t length() const noexcept { return size_; }
  std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }
  bool empty() const noexcept { return size_ == 0; }
  // Whether there is memory behind it: not for no elements, not after dispose().
  bool valid() const noexcept { return data_ != nullptr; }
  explicit operator bool() const noexcept { return valid(); }
  // Whether dispose() gives memory back.
  bool owns() const noexcept { return handle_.holds_block(); }

  // For native functions. Null where it is not valid(); never throws.
  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  // The same, where it is told that nothing checks its use from here on.
  T* raw_pointer(site where = site::current()) noexcept {
    handle_.tell(detail::pool_event::escape, where);
    return data_;
  }

  // Throw std::out_of_range where there is no such element (out_of_bounds), and
  // std::logic_error after dispose() (use_after_dispose) or a move (stale_handle).
  T& operator[](checked_index index) { return data_[checked(index)]; }
  const T& operator[](checked_index index) const { return data_[checked(index)]; }
  T& at(std::size_t index, site where = site::current()) {
    return data_[checked({index, where})];
  }
  const T& at(std::size_t index, site where = site::current()) const {
    return data_[checked({index, where})];
  }
  T& front(site where = site::current()) { return data_[checked({0, where})]; }
  const T& front(site where = site::current()) const {
    return data_[checked({0, where})];
  }
  T& back(site where = site::current()) { return data_[checked(last(where))]; }
  const T& back(site where = site::current()) const {
    return data_[checked(last(where))];
  }

  // Unchecked.
  iterator begin() noexcept { return data_; }
  iterator end() noexcept { return data_ + size_; }
  const_iterator begin() const noexcept { return data_; }
  const_iterator end() const noexcept { return data_ + size_; }

  // All elements. Where there are none: an empty span; std::logic_error after dispose()
  // or a move, as from what follows. Buffers also convert to spans by themselves, as all
  // contiguous ranges do; not from temporaries to a span that writes.
  std::span<T> span(site where = site::current()) & {
    usable(where);
    return {data_, size_};
  }
  std::span<const T> span(site where = site::current()) const& {
    usable(where);
    return {data_, size_};
  }
  std::span<T> span(site = site::current()) && = delete;
  std::span<const T> cspan(site where = site::current()) const& { return span(where); }
  std::span<const T> cspan(site = site::current()) && = delete;

  // The elements from `offset` on. Throws std::out_of_range where they are not all there.
  std::span<T> subspan(std::size_t offset, std::size_t count,
                       site where = site::current()) & {
    return span(where).subspan(checked_offset(offset, count, where), count);
  }
  std::span<const T> subspan(std::size_t offset, std::size_t count,
                             site where = site::current()) const& {
    return span(where).subspan(checked_offset(offset, count, where), count);
  }

  // All elements.
  void fill(const T& value, site where = site::current()) {
    usable(where);
    std::fill_n(data_, size_, value);
    handle_.tell(detail::pool_event::write, where);
  }
  // All bytes.
  void zero(site where = site::current()) {
    usable(where);
    if (size_ != 0) std::memset(static_cast<void*>(data_), 0, size_bytes());
    handle_.tell(detail::pool_event::zero, where);
  }
  // Into the first elements; source and buffer may overlap. Throws std::length_error
  // where the source is longer, and changes nothing.
  void copy_from(std::span<const T> source, site where = site::current()) {
    usable(where);
    if (source.size() > size_) {
      detail::report(finding::out_of_bounds, "buffer", where,
                     "the source is longer than the buffer", data_, source.size_bytes());
      throw std::length_error("buffer::copy_from");
    }
    if (!source.empty()) std::memmove(data_, source.data(), source.size_bytes());
    handle_.tell(detail::pool_event::write, where);
  }

  // Gives the memory back, where it is owned. Once more: nothing.
  void dispose(site where = site::current()) noexcept {
    if (state_ == state::owner || state_ == state::view) state_ = state::disposed;
    data_ = nullptr;
    size_ = 0;
    handle_.give_back(where);
  }

  // The caller owns the elements from here on, and gives them to allocator::free(). The
  // buffer is as after dispose(). Only where it owns().
  [[nodiscard]] std::span<T> release() noexcept {
    const std::span<T> elements{data_, size_};
    const detail::detached_block block = handle_.detach();
    if (block.owner != nullptr) {
      block.owner->let_go(block.block, block.number, true, site::of_thread());
    }
    state_ = state::disposed;
    data_ = nullptr;
    size_ = 0;
    return elements;
  }

  void swap(buffer& other) noexcept { std::swap(*this, other); }

  // The block, where it owns one: for what refers to a buffer without owning it.
  const detail::buffer_handle& handle() const noexcept { return handle_; }

 private:
  enum class state : unsigned char { none, owner, view, disposed, moved };

  void take(buffer& other) noexcept {
    handle_ = std::move(other.handle_);
    wrapped_ = other.wrapped_;
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    state_ = other.state_;
    if (state_ == state::owner || state_ == state::view) other.state_ = state::moved;
  }

  std::size_t checked(checked_index index) const {
    if (index.value >= size_) [[unlikely]] {
      usable(index.where);
      detail::throw_out_of_range("buffer", index.value, data_, index.where);
    }
    if constexpr (is_tracking) check_memory(index.where);
    return index.value;
  }
  checked_index last(site where) const { return {size_ == 0 ? 0 : size_ - 1, where}; }
  std::size_t checked_offset(std::size_t offset, std::size_t count, site where) const {
    if (offset > size_ || count > size_ - offset) [[unlikely]] {
      detail::throw_out_of_range("buffer", offset, data_, where);
    }
    return offset;
  }

  // Throws after dispose() and for what was moved from.
  void usable(site where) const {
    if (state_ == state::disposed) [[unlikely]] {
      detail::report(finding::use_after_dispose, "buffer", where,
                     "the buffer was disposed of");
      throw std::logic_error("buffer: used after dispose()");
    }
    if (state_ == state::moved) [[unlikely]] {
      detail::report(finding::stale_handle, "buffer", where, "it was moved from");
      throw std::logic_error("buffer: used after it was moved from");
    }
    if constexpr (is_tracking) check_memory(where);
  }

  // Whether the memory is still what it was.
  void check_memory(site where) const {
    if (state_ == state::owner) {
      handle_.check("buffer", where);
    } else if (state_ == state::view && !wrapped_.is_live()) {
      detail::report(finding::stale_handle, "buffer", where,
                     "the block that was wrapped is gone", data_, size_bytes());
    }
  }

  detail::buffer_handle handle_;
  [[no_unique_address]] detail::known_block wrapped_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
  state state_ = state::none;
};

MEMOIR_END
