#pragma once

// What tensor_arena, fixed_tensor_arena and the leases of threads_arena offer alike.
// buffer/tensor_arena.h says what for.

#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "memoir/detail/tensor_stack.h"

MEMOIR_BEGIN
namespace detail {

template <class View>
dropped_tensor tensor_of(const View& view) {
  return {view.data(), view.size(), view.size_bytes(), view.life().number()};
}

// The first of several views to be dropped, of any rank; takes the caller's site.
template <class T, class Access>
struct first_dropped {
  void* view;
  void (*set_null)(void* view);
  dropped_tensor tensor;
  [[no_unique_address]] site where;

  template <std::size_t Rank>
  first_dropped(tensor_view<T, Rank, Access>& one, site from = site::current())
      : view{&one},
        set_null{[](void* all) {
          static_cast<tensor_view<T, Rank, Access>*>(all)->set_null();
        }},
        tensor{tensor_of(one)},
        where{from} {}
};

// The memory_resource face of a tensor arena.
class tensor_resource final : public resource {
 public:
  explicit tensor_resource(tensor_stack& stack) : stack_{&stack} {}

 private:
  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override {
    return stack_->allocate_raw(bytes, alignment, where);
  }
  void deallocate_at(void* memory, std::size_t bytes, std::size_t alignment,
                     site where) override {
    stack_->deallocate_raw(memory, bytes, alignment, where);
  }
  tensor_stack* stack_;
};

template <class T, class Access>
class tensor_face {
  static_assert(tensor_element<T>, "tensors are not constructed or destroyed");

 public:
  using value_type = T;
  using access = Access;
  template <std::size_t Rank>
  using view = tensor_view<T, Rank, Access>;

  tensor_face(const char* type, std::size_t capacity, const tensor_arena_options& options,
              std::pmr::memory_resource* upstream, site where)
      : stack_{type, sizeof(T), alignof(T), capacity, options, upstream, where} {}
  tensor_face(const tensor_face&) = delete;
  tensor_face& operator=(const tensor_face&) = delete;

  // A tensor of these extents; its elements are not initialized. An extent may be 0: such
  // a tensor takes the room of one element's alignment, and is dropped like any other.
  // Throws std::invalid_argument (a negative extent), std::bad_array_new_length (their
  // product does not fit), std::length_error (a fixed arena is full), std::logic_error
  // (reshaped or freed), std::bad_alloc; the first four are reported. Constant time.
  template <std::integral... More>
  [[nodiscard]] view<1 + sizeof...(More)> alloc(first_extent first, More... more) {
    return alloc_shape<1 + sizeof...(More)>({first.value, to_extent(more)...},
                                            tensor_order::column_major, first.where);
  }
  // The same, with the extents in an array and the order as said.
  template <std::size_t Rank>
  [[nodiscard]] view<Rank> alloc_shape(const std::array<std::size_t, Rank>& extents,
                                       tensor_order order = tensor_order::column_major,
                                       site where = site::current()) {
    if constexpr (!is_tracking) {
      constexpr std::size_t kMost = chunk_arena::kMostCut;
      const auto count = count_few_elements<sizeof(T)>(extents, kMost);
      if (void* const block = stack_.cut(count, sizeof(T))) [[likely]] {
        return view_of({block, {}}, extents, order);
      }
    }
    return alloc_slowly(extents, order, where);
  }
  // No exceptions but std::logic_error; a full arena is no finding.
  template <std::integral... More>
  result<view<1 + sizeof...(More)>> try_alloc(first_extent first, More... more) {
    constexpr std::size_t kRank = 1 + sizeof...(More);
    const std::array<std::size_t, kRank> extents{first.value, to_extent(more)...};
    const auto block =
        stack_.try_allocate(count_elements(extents, sizeof(T)), first.where);
    if (!block) return block.error();
    return view_of(*block, extents, tensor_order::column_major);
  }

  // A copy of these elements, as a tensor of one dimension.
  view<1> append(std::span<const T> from, site where = site::current()) {
    const view<1> made = alloc_shape<1>({from.size()}, tensor_order::column_major, where);
    if (!from.empty()) std::memcpy(made.data(), from.data(), from.size_bytes());
    return made;
  }

  // Gives the memory of tensors back, as a whole each, in whichever order they are given;
  // the views are of nothing afterwards. All or none: std::logic_error where one was
  // dropped already (double_free), or is not among the newest under
  // drop_policy::strict_lifo (non_lifo_drop); std::invalid_argument where one is no live
  // tensor of this arena. Constant time for the newest, else logarithmic.
  template <std::size_t Rank>
  void drop(view<Rank>& tensor, site where = site::current()) {
    if constexpr (!is_tracking) {
      std::size_t count = 1;
      for (const std::size_t extent : tensor.extents()) count *= extent;
      if (stack_.uncut(tensor.data(), count, sizeof(T))) [[likely]] {
        tensor.set_null();
        return;
      }
    }
    stack_.drop_one(tensor_of(tensor), where);
    tensor.set_null();
  }
  template <std::size_t... Ranks>
  requires(sizeof...(Ranks) > 0) void drop(first_dropped<T, Access> first,
                                           view<Ranks>&... more) {
    std::array all{first.tensor, tensor_of(more)...};
    stack_.drop(all, first.where);
    first.set_null(first.view);
    (more.set_null(), ...);
  }

  // Takes all tensors back at once and keeps the memory; ends the reshape mode. How many
  // tensors there were, where tracking is on. Views into them are reported when they are
  // used again (use_after_reset).
  std::size_t reset(site where = site::current()) { return stack_.reset(where); }

  // The arena's memory as one array of these extents, beginning at an offset; for arenas
  // without tensors, and until reset(). Shapes of the same memory may be taken one after
  // the other, and overlap. Where one is larger than all before, an extendable arena
  // moves the elements: earlier views are stale. Throws std::logic_error (there are
  // tensors: mode_conflict), std::out_of_range (a fixed arena is smaller: out_of_bounds),
  // and what alloc() does.
  template <std::size_t Rank>
  view<Rank> reshape(const std::array<std::size_t, Rank>& extents, reshape_at at = {},
                     tensor_order order = tensor_order::column_major,
                     site where = site::current()) {
    const arena_block block =
        stack_.reshape(count_elements(extents, sizeof(T)), at.offset, where);
    return view<Rank>{static_cast<T*>(block.data) + at.offset, extents,
                      strides_of(extents, order),
                      stack_.source().life_of(block.data, block.number)};
  }
  template <std::integral... More>
  view<1 + sizeof...(More)> reshape(first_extent first, More... more) {
    constexpr std::size_t kRank = 1 + sizeof...(More);
    return reshape(std::array<std::size_t, kRank>{first.value, to_extent(more)...},
                   reshape_at{}, tensor_order::column_major, first.where);
  }

  // The elements without their origin, for code that takes pointers. While what it gives
  // lives, a drop, reset or growth that takes the memory away is reported there
  // (stale_handle). Throws std::logic_error where they are not contiguous.
  template <std::size_t Rank>
  detached<T> neuralyze(const view<Rank>& tensor, site where = site::current()) {
    tensor.require_contiguous();
    tensor.life().check(where);
    stack_.engine().watch().tell(pool_event::escape, where, tensor.data(),
                                 tensor.size() * sizeof(T));
    return {tensor.data(), tensor.size(), tensor.life(), where};
  }
  // Ends the announcement of a pointer to a tensor's begin that detached::release() gave.
  void recall(const T* pointer) { stack_.source().attach_block(pointer); }

  // Elements of the tensors there are; nothing in reshape mode.
  std::optional<std::size_t> used() const { return stack_.used(); }
  // In elements, as is the next; of all chunks.
  std::size_t capacity() const { return stack_.engine().capacity() / sizeof(T); }
  // The capacity that would have been enough, from the beginning on.
  std::size_t peak_usage() const {
    return (stack_.engine().peak() + sizeof(T) - 1) / sizeof(T);
  }
  // How often it grew because a tensor did not fit.
  std::size_t growth_count() const { return stack_.engine().growths(); }
  bool extendable() const { return stack_.engine().extendable(); }
  tensor_mode mode() const { return stack_.mode(); }
  // Counts resets.
  std::uint64_t generation() const { return stack_.engine().generation(); }
  std::pmr::memory_resource* upstream() const { return stack_.engine().upstream(); }
  // What reports and traces call it.
  void set_name(std::string_view name) { stack_.engine().watch().set_name(name); }
  // The next thread that uses it owns it.
  void hand_over() { stack_.owner().hand_over(); }
  // Reports damage around tensors, and to memory that nobody has. How many findings.
  std::size_t verify(site where = site::current()) {
    return stack_.engine().watch().verify(where);
  }

  // For std::pmr containers: their blocks lie among the tensors. Good as long as the
  // arena. Sizes are rounded up to whole elements.
  resource* memory() { return &resource_; }

 protected:
  ~tensor_face() = default;
  tensor_stack& stack() { return stack_; }

 private:
  // A call, so that the fast path needs no registers but its own.
  template <std::size_t Rank>
  [[gnu::noinline]] view<Rank> alloc_slowly(std::array<std::size_t, Rank> extents,
                                            tensor_order order, site where) {
    const element_count count = count_elements(extents, sizeof(T));
    return view_of(stack_.allocate(count, where), extents, order);
  }
  template <std::size_t Rank>
  view<Rank> view_of(const arena_block& block,
                     const std::array<std::size_t, Rank>& extents, tensor_order order) {
    return view<Rank>{static_cast<T*>(block.data), extents, strides_of(extents, order),
                      stack_.source().life_of(block.data, block.number)};
  }

  tensor_stack stack_;
  tensor_resource resource_{stack_};
};

}  // namespace detail
MEMOIR_END
