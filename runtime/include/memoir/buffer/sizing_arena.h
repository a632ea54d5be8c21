#pragma once

// A tensor arena without memory: run the same calls on it, and it says how large the real
// one has to be.
//
//   template <class Arena> void work(Arena& arena) { auto a = arena.alloc(10, 10); ... }
//   memoir::sizing_arena<double> plan;
//   work(plan);
//   memoir::tensor_arena<double> arena{plan.peak()};   // work(arena) does not grow it
//
// A planned tensor has extents and no elements: fill() does nothing, data() is null.
//
// Complexity: alloc() and the drop of the newest O(1), other drops O(tensors).
// Thread safety: one thread at a time.
// Errors: std::invalid_argument, std::bad_array_new_length and std::logic_error as
// tensor_arena; std::bad_alloc of its list.
// Findings: bad_size, size_overflow, double_free
// Design: pseudo_alloc! and @print_buffer_usage of Buffers.jl.

#include <array>
#include <cstddef>
#include <memory_resource>
#include <stdexcept>
#include <vector>

#include "memoir/detail/tensor_extents.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"

MEMOIR_BEGIN

// What sizing_arena hands out in place of a tensor_view. A value.
template <class T, std::size_t Rank>
class planned_tensor {
 public:
  planned_tensor(const std::array<std::size_t, Rank>& extents, std::size_t number)
      : extents_{extents}, number_{number} {}

  static constexpr std::size_t rank() { return Rank; }
  const std::array<std::size_t, Rank>& extents() const { return extents_; }
  std::size_t extent(std::size_t dimension) const { return extents_[dimension]; }
  std::size_t size() const {
    std::size_t product = 1;
    for (const std::size_t extent : extents_) product *= extent;
    return product;
  }
  T* data() const { return nullptr; }
  void fill(const T&) const {}
  // Dropped.
  bool is_null() const { return number_ == 0; }
  std::size_t number() const { return number_; }
  void set_null() { number_ = 0; }

 private:
  std::array<std::size_t, Rank> extents_;
  std::size_t number_;
};

template <class T = double>
class sizing_arena {
 public:
  using value_type = T;

  // Throws as tensor_arena::alloc() does; it is never full.
  template <std::integral... More>
  [[nodiscard]] planned_tensor<T, 1 + sizeof...(More)> alloc(detail::first_extent first,
                                                             More... more) {
    constexpr std::size_t kRank = 1 + sizeof...(More);
    const std::array<std::size_t, kRank> extents{first.value, detail::to_extent(more)...};
    const auto count = detail::count_elements(extents, sizeof(T));
    if (count.wrong == detail::element_count::fault::bad_size) {
      detail::report(finding::bad_size, kType, first.where, "a negative extent");
      throw std::invalid_argument("sizing_arena: a negative extent");
    }
    if (count.wrong != detail::element_count::fault::none) {
      detail::report(finding::size_overflow, kType, first.where,
                     "the product of the extents does not fit");
      throw std::bad_array_new_length();
    }
    // An empty tensor takes room, too.
    const std::size_t bytes = count.bytes != 0 ? count.bytes : alignof(T);
    stack_.push_back({bytes, count.count, next_, true});
    top_ += bytes;
    used_ += count.count;
    peak_ = std::max(peak_, top_);
    return {extents, next_++};
  }

  // In any order, as with drop_policy::deferred. Throws std::logic_error for one that was
  // dropped before, or before the reset (double_free).
  template <std::size_t Rank>
  void drop(planned_tensor<T, Rank>& tensor, site where = site::current()) {
    mark(tensor.number(), where);
    tensor.set_null();
    settle();
  }
  template <std::size_t... Ranks>
  requires(sizeof...(Ranks) > 1) void drop(planned_tensor<T, Ranks>&... all) {
    (mark(all.number(), site::of_thread()), ...);
    (all.set_null(), ...);
    settle();
  }

  // Drops all; the peak stays. How many tensors there were, or wait for others.
  std::size_t reset() {
    const std::size_t live = stack_.size();
    stack_.clear();
    top_ = used_ = 0;
    return live;
  }

  // Elements that an arena needs for all that was done since the beginning.
  std::size_t peak() const { return (peak_ + sizeof(T) - 1) / sizeof(T); }
  std::size_t peak_usage() const { return peak(); }
  // Of the tensors there are now, in elements.
  std::size_t used() const { return used_; }
  static constexpr std::size_t capacity() { return 0; }

 private:
  struct planned {
    std::size_t bytes;
    std::size_t count;
    std::size_t number;
    bool live;
  };
  static constexpr const char* kType = "sizing_arena";

  void mark(std::size_t number, site where) {
    for (std::size_t i = stack_.size(); i-- > 0 && number != 0;) {
      if (stack_[i].number != number || !stack_[i].live) continue;
      stack_[i].live = false;
      used_ -= stack_[i].count;
      return;
    }
    detail::report(finding::double_free, kType, where, "the tensor was dropped before");
    throw std::logic_error("sizing_arena: the tensor was dropped before");
  }
  void settle() {
    for (; !stack_.empty() && !stack_.back().live; stack_.pop_back()) {
      top_ -= stack_.back().bytes;
    }
  }

  std::vector<planned> stack_;
  std::size_t top_ = 0;
  std::size_t used_ = 0;
  std::size_t peak_ = 0;
  std::size_t next_ = 1;
};

MEMOIR_END
