#pragma once

// The elements of an owning buffer: what unique_buffer and shared_buffer have in common.
// `Buffer` derives from this, privately owns a buffer_handle and shows it as handle().
// The elements of a const buffer are const.

#include <cstddef>
#include <span>
#include <stdexcept>
#include <type_traits>

#include "memoir/buffer/buffer_view.h"
#include "memoir/checked_index.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/element_checks.h"

MEMOIR_BEGIN
namespace detail {

template <class Buffer, class T>
class buffer_access {
 public:
  using element_type = T;
  using value_type = T;

  // The address, unchecked; null where the buffer is empty.
  T* data() noexcept { return static_cast<T*>(handle().data()); }
  const T* data() const noexcept { return static_cast<const T*>(handle().data()); }
  T* get() noexcept { return data(); }
  const T* get() const noexcept { return data(); }

  // In elements.
  std::size_t size() const noexcept { return handle().size_bytes() / sizeof(T); }
  std::size_t size_bytes() const noexcept { return handle().size_bytes(); }
  bool empty() const noexcept { return handle().size_bytes() == 0; }
  memory_location location() const noexcept { return handle().location(); }
  // Whether it owns memory.
  explicit operator bool() const noexcept { return handle().holds_block(); }
  friend bool operator==(const Buffer& buffer, std::nullptr_t) noexcept {
    return buffer.data() == nullptr;
  }

  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size(); }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size(); }

  // All elements. Reports memory of a device (wrong_location), and a buffer that was
  // moved from or whose block was given back behind its back (stale_handle,
  // use_after_return); then goes on.
  std::span<T> span(site where = site::current()) {
    check_access(where);
    return {data(), size()};
  }
  std::span<const T> span(site where = site::current()) const {
    check_access(where);
    return {data(), size()};
  }

  // Their bytes.
  std::span<std::byte> byte_span(site where = site::current()) {
    static_assert(std::is_trivially_copyable_v<T>, "objects have no bytes to be seen");
    return std::as_writable_bytes(span(where));
  }
  std::span<const std::byte> byte_span(site where = site::current()) const {
    static_assert(std::is_trivially_copyable_v<T>, "objects have no bytes to be seen");
    return std::as_bytes(span(where));
  }

  // Throws std::out_of_range beyond the end, and where it is empty. Reported as
  // out_of_bounds, or stale_handle where it was moved from.
  T& operator[](checked_index index) {
    check_index(index.value, index.where);
    return data()[index.value];
  }
  const T& operator[](checked_index index) const {
    check_index(index.value, index.where);
    return data()[index.value];
  }

  // The same with all that span() looks at; throws std::logic_error where the memory
  // lies on a device.
  T& at(std::size_t index, site where = site::current()) {
    check_at(index, where);
    return data()[index];
  }
  const T& at(std::size_t index, site where = site::current()) const {
    check_at(index, where);
    return data()[index];
  }

  // To look at, without owning it. Of a buffer that is about to end there is none.
  buffer_view<T> view(site where = site::current()) & noexcept {
    handle().tell(pool_event::view, where);
    return {data(), size(), location(), view_mark{handle()}};
  }
  buffer_view<const T> view(site where = site::current()) const& noexcept {
    handle().tell(pool_event::view, where);
    return {data(), size(), location(), view_mark{handle()}};
  }
  void view() && = delete;
  void view() const&& = delete;

  // Of `count` elements from `offset` on; throws std::out_of_range (out_of_bounds).
  buffer_view<T> subview(std::size_t offset, std::size_t count,
                         site where = site::current()) & {
    return view(where).subview(offset, count, where);
  }
  buffer_view<const T> subview(std::size_t offset, std::size_t count,
                               site where = site::current()) const& {
    return view(where).subview(offset, count, where);
  }
  void subview(std::size_t offset, std::size_t count) && = delete;

 protected:
  buffer_access() = default;
  buffer_access(const buffer_access&) = default;
  buffer_access& operator=(const buffer_access&) = default;
  ~buffer_access() = default;

 private:
  const buffer_handle& handle() const noexcept {
    return static_cast<const Buffer*>(this)->handle();
  }

  void check_access(site where) const {
    if constexpr (is_tracking) {
      check_host(location(), Buffer::kType, data(), where);
      handle().check(Buffer::kType, where);
    }
  }

  void check_index(std::size_t index, site where) const {
    if (index >= size()) [[unlikely]]
      fail_index(index, where);
    if constexpr (is_tracking) check_host(location(), Buffer::kType, data(), where);
  }

  void check_at(std::size_t index, site where) const {
    if (index >= size()) [[unlikely]]
      fail_index(index, where);
    check_access(where);
    if (!is_host_accessible(location())) [[unlikely]] {
      throw std::logic_error("at: the memory lies on a device");
    }
  }

  [[noreturn]] void fail_index(std::size_t index, site where) const {
    if constexpr (is_tracking) {
      if (handle().was_moved_from()) {
        handle().check(Buffer::kType, where);
        throw std::out_of_range(Buffer::kType);
      }
    }
    throw_out_of_range(Buffer::kType, index, data(), where);
  }
};

}  // namespace detail
MEMOIR_END
