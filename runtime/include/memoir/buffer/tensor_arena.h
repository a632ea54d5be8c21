#pragma once

// A typed buffer from which tensors are cut like from a stack; it grows by further chunks
// and never moves one.
//
//   memoir::tensor_arena<double> buffer{100};
//   auto a = buffer.alloc(10, 10);   // tensor_view<double, 2>
//   a(9, 9) = 1;
//   buffer.drop(a);                  // or everything: buffer.reset()
//
// One that is dropped out of order waits for those above it (drop_policy::deferred) or is
// refused (strict_lifo). Elements are not constructed; they are types that are copied as
// bytes.
//
// Complexity: O(1), a few instructions, for alloc() and the drop of the newest tensor;
// other drops O(log waiting); reset() O(chunks); reshape() moves where it grows.
// Thread safety: one thread at a time; handing over is said with hand_over(). For several
// see threads_arena.
// Errors: as each function says; where one throws, nothing has changed.
// Findings: bad_size, size_overflow, capacity_exceeded (where it may not grow),
// mode_conflict, out_of_bounds (reshape()), double_free, foreign_return, invalid_free,
// alloc_dealloc_mismatch (by memory()), non_lifo_drop (drop_policy::strict_lifo),
// use_after_reset, stale_handle (its memory is another tensor's by now, or was detached
// by neuralyze()), pool_overflow, unsynchronized_use
// Design: Buffer{T} of Buffers.jl, which moves its memory when it grows, and takes back
// the newest tensors only.

#include "memoir/detail/tensor_face.h"

MEMOIR_BEGIN

template <class T = double, class Access = checked_access>
class tensor_arena : public detail::tensor_face<T, Access> {
  using base = detail::tensor_face<T, Access>;

 public:
  // Empty; the first chunk is made when it is needed.
  explicit tensor_arena(
      const tensor_arena_options& options = {},
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : tensor_arena(elements{0}, options, upstream, where) {}
  // With room for so many elements. Throws std::bad_array_new_length, what upstream does.
  explicit tensor_arena(
      std::size_t capacity, const tensor_arena_options& options = {},
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : tensor_arena(elements{capacity}, options, upstream, where) {}
  explicit tensor_arena(
      elements capacity, const tensor_arena_options& options = {},
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : base("tensor_arena", capacity.count, options, upstream, where) {}
  // So many bytes, as far as they are whole elements.
  explicit tensor_arena(
      bytes capacity, const tensor_arena_options& options = {},
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : tensor_arena(elements{capacity.count / sizeof(T)}, options, upstream, where) {}

  // Whether alloc() may make new chunks from here on.
  void set_extendable(bool on, site where = site::current()) {
    this->stack().engine().set_extendable(on, where);
  }
  // One tensor of so many elements, or several smaller ones, will fit without growth.
  void reserve(std::size_t count, site where = site::current()) {
    this->stack().reserve(count, where);
  }
  // Gives upstream what no tensor lies in, but for the chunk in use. Bytes.
  std::size_t shrink_to_fit(site where = site::current()) {
    return this->stack().engine().trim(where);
  }
};

tensor_arena(std::size_t)->tensor_arena<double>;
tensor_arena(int)->tensor_arena<double>;

MEMOIR_END
