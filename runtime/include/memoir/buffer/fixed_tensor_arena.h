#pragma once

// A tensor_arena whose one piece of memory is made at once and never grows.
//
//   memoir::with_buffer<int>(1000, [](auto& buffer) {
//     auto a = buffer.alloc(10, 10);
//     ...
//   });   // freed, also when the function throws
//
// Complexity: that of tensor_arena.
// Thread safety: one thread at a time; handing over is said with hand_over().
// Errors: those of tensor_arena; std::length_error where it is full, std::logic_error
// after free() and for set_extendable(true).
// Findings: bad_size, size_overflow, capacity_exceeded, mode_conflict, out_of_bounds
// (reshape()), double_free (a tensor, or the arena), use_after_dispose (after free()),
// foreign_return, invalid_free, alloc_dealloc_mismatch (by memory()), non_lifo_drop
// (drop_policy::strict_lifo), use_after_reset, stale_handle (its memory is another
// tensor's by now, or was detached by neuralyze()), pool_overflow, unsynchronized_use
// Design: MAllocBuffer and the @buffer macro of Buffers.jl, which leaks when its block
// throws, and frees a second time.

#include <utility>

#include "memoir/detail/tensor_face.h"

MEMOIR_BEGIN

template <class T = double, class Access = checked_access>
class fixed_tensor_arena : public detail::tensor_face<T, Access> {
  using base = detail::tensor_face<T, Access>;

 public:
  // Throws std::bad_array_new_length, and what upstream does.
  explicit fixed_tensor_arena(
      std::size_t capacity, drop_policy drops = drop_policy::deferred,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : base("fixed_tensor_arena", capacity, {.extendable = false, .drops = drops},
             upstream, where) {}
  explicit fixed_tensor_arena(
      elements capacity, drop_policy drops = drop_policy::deferred,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : fixed_tensor_arena(capacity.count, drops, upstream, where) {}
  explicit fixed_tensor_arena(
      bytes capacity, drop_policy drops = drop_policy::deferred,
      std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
      site where = site::current())
      : fixed_tensor_arena(capacity.count / sizeof(T), drops, upstream, where) {}

  // There is no other way to have it: true throws std::logic_error (errc::unsupported).
  void set_extendable(bool on) {
    if (on) throw_error(errc::unsupported, "fixed_tensor_arena::set_extendable");
  }

  // Gives the memory back before the arena ends; its tensors are gone. Once more is
  // reported (double_free) and does nothing; other uses are refused (use_after_dispose).
  void free(site where = site::current()) {
    if (this->stack().end(where)) return;
    this->stack().engine().watch().report(finding::double_free, where,
                                          "the arena was freed before");
  }
};

// Calls f(arena) with an arena of so many elements, and frees it, also when f throws.
// What f returns.
template <class T = double, class F>
decltype(auto) with_buffer(std::size_t count, F&& f, site where = site::current()) {
  fixed_tensor_arena<T> arena{count, drop_policy::deferred,
                              std::pmr::get_default_resource(), where};
  return std::forward<F>(f)(arena);
}

MEMOIR_END
