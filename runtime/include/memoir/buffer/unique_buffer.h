#pragma once

// An array on the heap, in a pool, or from anywhere, with one owner: what
// std::unique_ptr<T[]> is, with a size, a location and any deleter; what std::vector is,
// without growth, and with a release().
//
//   unique_buffer<float> samples(4096);                      // default-initialized
//   unique_buffer<float> frame(p, n, [](float* f) { ::free(f); });
//   unique_buffer<float> slot = pool.acquire();              // goes back to the pool
//
// Moved, not copied; a move is how it gets to another thread. One pointer more than
// std::span where tracking is off.
//
// Complexity: O(1), but for the elements.
// Thread safety: one thread at a time; that two change it at once is reported, and the
// second one refused.
// Errors: std::bad_alloc, std::bad_array_new_length and what T throws where it allocates;
// std::invalid_argument for null with elements, and for objects on a device;
// std::out_of_range for an index; std::logic_error from at() for memory of a device.
// Destructor and reset() do not throw.
// Findings: bad_size (null with elements), size_overflow, wrong_location, out_of_bounds,
// stale_handle (moved from, or its block is another one by now), double_free (two own the
// same memory), alloc_dealloc_mismatch (std::default_delete of one object for several),
// bad_deleter, pool_overflow, use_after_return (its block was given back by its address),
// unsynchronized_use
// Design: pt::memory::unique_buffer of PipelineTools, which drops what a deleter throws,
// and forgets memory without one.

#include <concepts>
#include <cstddef>
#include <memory_resource>
#include <type_traits>
#include <utility>

#include "memoir/buffer/released_buffer.h"
#include "memoir/detail/buffer_access.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/deleter_owner.h"
#include "memoir/detail/exclusive_use.h"
#include "memoir/detail/heap_owner.h"

MEMOIR_BEGIN

template <class T>
class shared_buffer;

template <class T>
class unique_buffer : public detail::buffer_access<unique_buffer<T>, T> {
  static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>);

 public:
  static constexpr const char* kType = "unique_buffer";

  unique_buffer() = default;
  // A template, so that the number 0 is no null pointer.
  template <std::same_as<std::nullptr_t> Null>
  unique_buffer(Null) noexcept {}

  // `count` elements from operator new, default-initialized; no memory where it is 0.
  // Throws std::bad_array_new_length (size_overflow), std::bad_alloc, or what T throws.
  explicit unique_buffer(std::size_t count, site where = site::current())
      : handle_{
            detail::heap_owner<T>::make(count, nullptr, memory_location::host, where)} {}

  // The same from a resource that lives as long as the buffer, in memory that lies there.
  // On a device nothing is constructed: std::invalid_argument for what needs to be.
  unique_buffer(std::size_t count, std::pmr::memory_resource* upstream,
                memory_location location = memory_location::host,
                site where = site::current())
      : handle_{detail::heap_owner<T>::make(count, upstream, location, where)} {}

  // Takes over memory of `count` elements, also where that is 0; `deleter(memory)` is
  // called once, when the buffer ends or is reset, and where this throws:
  // std::invalid_argument for null with elements (bad_size), std::bad_alloc. Null without
  // elements is an empty buffer.
  template <class Deleter>
  requires std::is_invocable_v<Deleter&, T*> unique_buffer(
      T* memory, std::size_t count, Deleter deleter,
      memory_location location = memory_location::host, site where = site::current())
      : handle_{detail::adopt_memory(memory, count, std::move(deleter), location, kType,
                                     where)} {}

  // Owns again what was released.
  explicit unique_buffer(released_buffer<T>&& released,
                         site where = site::current()) noexcept
      : handle_{released.detach_block()} {
    handle_.tell(detail::pool_event::adopt, where);
  }

  // For pools: a block that goes back to `owner`.
  unique_buffer(T* block, std::size_t bytes, detail::block_owner& owner,
                detail::block_number number) noexcept
      : handle_{block, bytes, owner, number} {}
  explicit unique_buffer(detail::buffer_handle&& handle) noexcept
      : handle_{std::move(handle)} {}

  unique_buffer(unique_buffer&&) noexcept = default;
  unique_buffer& operator=(unique_buffer&& other) noexcept {
    if (const auto use = use_.enter(kType, this, site::of_thread())) {
      handle_ = std::move(other.handle_);
    }
    return *this;
  }
  unique_buffer& operator=(std::nullptr_t) noexcept {
    reset();
    return *this;
  }
  ~unique_buffer() = default;

  // Frees the memory, or gives it back. Empty afterwards.
  void reset(site where = site::current()) noexcept {
    if (const auto use = use_.enter(kType, this, where)) handle_.give_back(where);
  }
  // The same, and takes over other memory; throws as that constructor does, and holds
  // what it held then.
  template <class Deleter>
  void reset(T* memory, std::size_t count, Deleter deleter,
             memory_location location = memory_location::host,
             site where = site::current()) {
    unique_buffer next(memory, count, std::move(deleter), location, where);
    reset(where);
    swap(next);
  }

  // Gives up the memory, without freeing it. Empty afterwards.
  released_buffer<T> release(site where = site::current()) noexcept {
    if (const auto use = use_.enter(kType, this, where)) {
      handle_.tell(detail::pool_event::release_ownership, where);
      return {handle_.detach(where), where};
    }
    return {};
  }

  // Shared from here on; the memory goes back where it came from when the last owner
  // ends. Throws std::bad_alloc, and holds it still.
  shared_buffer<T> to_shared(site where = site::current()) &&;

  void swap(unique_buffer& other) noexcept { handle_.swap(other.handle_); }
  friend void swap(unique_buffer& a, unique_buffer& b) noexcept { a.swap(b); }

  // For other buffers.
  const detail::buffer_handle& handle() const noexcept { return handle_; }
  [[nodiscard]] detail::buffer_handle take_handle() noexcept {
    return std::move(handle_);
  }

 private:
  detail::buffer_handle handle_;
  [[no_unique_address]] detail::exclusive_use use_;
};

MEMOIR_END

#include "memoir/buffer/shared_buffer.h"
