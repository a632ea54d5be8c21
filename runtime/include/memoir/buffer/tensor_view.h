#pragma once

// An array of fixed rank in somebody else's memory: extents, strides, and a pointer: what
// tensor arenas hand out. Columns are contiguous (the first index runs fastest) unless it
// was asked for otherwise.
//
//   auto a = arena.alloc(10, 5);
//   a(9, 4) = 1.0;              // checked: std::out_of_range
//   for (double& x : a) x = 0;  // contiguous views are ranges
//
// Copying is cheap and shares the elements. Access policy `unchecked_access` turns
// checks of indices off at compile time. Where tracking is on, a view knows whether its
// tensor is still there.
//
// Complexity: O(1), O(rank) for an element; fill() and each() O(elements).
// Thread safety: as a value; the elements are as safe as elements are.
// Errors: std::out_of_range for an index, in every build; std::logic_error from span()
// and begin() where the elements are not contiguous.
// Findings: out_of_bounds, use_after_reset (it was dropped, or its arena reset or ended),
// stale_handle (the same, and the memory is another tensor's by now)
// Design: the tensors of Buffers.jl, which are arrays of Julia's; what std::mdspan is in
// C++23.

#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "memoir/checked_index.h"
#include "memoir/detail/view_life.h"

MEMOIR_BEGIN

struct checked_access {
  static constexpr bool checks = true;
};
struct unchecked_access {
  static constexpr bool checks = false;
};

// Which index runs fastest: the first, or the last.
enum class tensor_order : std::uint8_t { column_major, row_major };

template <class T>
concept tensor_element = std::is_trivially_copyable_v<T> && std::is_object_v<T>;

template <class T, std::size_t Rank, class Access>
class tensor_view;

namespace detail {

// The strides of a contiguous array, in elements.
template <std::size_t Rank>
constexpr std::array<std::size_t, Rank> strides_of(
    const std::array<std::size_t, Rank>& extents, tensor_order order) {
  std::array<std::size_t, Rank> strides{};
  std::size_t stride = 1;
  for (std::size_t i = 0; i < Rank; ++i) {
    const std::size_t at = order == tensor_order::column_major ? i : Rank - 1 - i;
    strides[at] = stride;
    stride *= extents[at];
  }
  return strides;
}

template <std::size_t>
using index_for = checked_index;

// operator()(i, j, ...) and at(i, j, ...), as many indices as there are dimensions.
template <class View, class T, class Indices>
class tensor_access;

template <class View, class T, std::size_t... I>
class tensor_access<View, T, std::index_sequence<I...>> {
 public:
  // Throws std::out_of_range.
  constexpr T& operator()(index_for<I>... index) const {
    return static_cast<const View&>(*this).element({index...});
  }
  constexpr T& at(index_for<I>... index) const {
    return static_cast<const View&>(*this).template element_at<true>({index...});
  }
};

}  // namespace detail

template <class T, std::size_t Rank, class Access = checked_access>
class tensor_view : public detail::tensor_access<tensor_view<T, Rank, Access>, T,
                                                 std::make_index_sequence<Rank>> {
  static_assert(Rank > 0, "a scalar needs no view");
  static_assert(tensor_element<std::remove_const_t<T>>, "elements are copied as bytes");

 public:
  using element_type = T;
  using value_type = std::remove_const_t<T>;
  using shape = std::array<std::size_t, Rank>;
  using iterator = T*;

  // Of nothing.
  constexpr tensor_view() = default;
  constexpr tensor_view(T* data, const shape& extents, const shape& strides,
                        const detail::view_life& life = {})
      : data_{data}, extents_{extents}, strides_{strides}, life_{life} {}
  // Of the same elements, const or with other checks.
  template <class U, class Other>
  requires(
      std::is_convertible_v<U (*)[], T (*)[]> &&
      !std::is_same_v<tensor_view<U, Rank, Other>,
                      tensor_view>) constexpr tensor_view(const tensor_view<U, Rank,
                                                                            Other>& other)
      : data_{other.data()},
        extents_{other.extents()},
        strides_{other.strides()},
        life_{other.life()} {}

  static constexpr std::size_t rank() { return Rank; }
  constexpr const shape& extents() const { return extents_; }
  constexpr std::size_t extent(std::size_t dimension) const {
    return extents_[dimension];
  }
  constexpr const shape& strides() const { return strides_; }
  constexpr std::size_t size() const {
    std::size_t product = data_ != nullptr ? 1 : 0;
    for (const std::size_t extent : extents_) product *= extent;
    return product;
  }
  constexpr std::size_t size_bytes() const { return size() * sizeof(T); }
  constexpr bool empty() const { return size() == 0; }
  // Of nothing: made so, or dropped.
  constexpr bool is_null() const { return data_ == nullptr; }
  constexpr T* data() const { return data_; }

  // Whether the elements stand side by side, whichever index runs fastest.
  constexpr bool is_contiguous() const {
    return empty() || is_ordered(tensor_order::column_major) ||
           is_ordered(tensor_order::row_major);
  }

  // The elements in memory order. Throws std::logic_error where they are not contiguous.
  std::span<T> span(site where = site::current()) const {
    require_contiguous();
    life_.check(where);
    return {data_, size()};
  }
  T* begin(site where = site::current()) const { return span(where).data(); }
  T* end() const { return data_ + size(); }

  // The n-th element, the first index running fastest, as a[n] is in Julia.
  constexpr T& operator[](checked_index index) const {
    shape at{};
    std::size_t rest = index.value;
    if constexpr (Rank == 1) {
      at[0] = rest;
    } else {
      for (std::size_t i = 0; i + 1 < Rank; ++i) {
        if (Access::checks && extents_[i] == 0) out_of_range(index);
        at[i] = rest % extents_[i];
        rest /= extents_[i];
      }
      at[Rank - 1] = rest;
    }
    if (Access::checks && at[Rank - 1] >= extents_[Rank - 1]) out_of_range(index);
    life_.check(index.where);
    return data_[offset_of(at)];
  }

  // Whether the tensor is still there; reports (use_after_reset) where it is not. Where
  // tracking is off nobody knows, and it is.
  bool check(site where = site::current()) const { return life_.check(where); }

  void fill(const value_type& value, site where = site::current()) const
      requires(!std::is_const_v<T>) {
    life_.check(where);
    each([&](T& one) { one = value; });
  }
  // Calls visit(element) for all, the first index running fastest.
  template <class Visit>
  constexpr void each(Visit visit) const {
    if (empty()) return;
    shape at{};
    for (std::size_t left = size(); left > 0; --left) {
      visit(data_[offset_of(at)]);
      for (std::size_t i = 0; i < Rank && ++at[i] == extents_[i]; ++i) at[i] = 0;
    }
  }

  // With one dimension less: the elements whose index there is this one. Throws
  // std::out_of_range, with any access policy, and so does part().
  constexpr tensor_view<T, Rank - 1, Access> slice(std::size_t dimension,
                                                   checked_index index) const
      requires(Rank > 1) {
    if (dimension >= Rank || index.value >= extents_[dimension]) out_of_range(index);
    std::array<std::size_t, Rank - 1> extents{};
    std::array<std::size_t, Rank - 1> strides{};
    for (std::size_t i = 0, to = 0; i < Rank; ++i) {
      if (i == dimension) continue;
      extents[to] = extents_[i];
      strides[to++] = strides_[i];
    }
    return {data_ + index.value * strides_[dimension], extents, strides, life_};
  }
  // The part from `first` on, `count` long, in one dimension.
  constexpr tensor_view part(std::size_t dimension, checked_index first,
                             std::size_t count) const {
    if (dimension >= Rank || first.value > extents_[dimension] ||
        count > extents_[dimension] - first.value) {
      out_of_range(first);
    }
    tensor_view view = *this;
    view.data_ += first.value * strides_[dimension];
    view.extents_[dimension] = count;
    return view;
  }
  // The same without checks of indices.
  constexpr tensor_view<T, Rank, unchecked_access> unchecked() const { return *this; }

  constexpr const detail::view_life& life() const { return life_; }
  // Of nothing from here on; who dropped it still knows what it was.
  constexpr void set_null() { data_ = nullptr; }
  void require_contiguous() const {
    if (!is_contiguous()) {
      throw std::logic_error("tensor_view: the elements are not contiguous");
    }
  }

 private:
  friend class detail::tensor_access<tensor_view, T, std::make_index_sequence<Rank>>;

  constexpr bool is_ordered(tensor_order order) const {
    const shape wanted = detail::strides_of(extents_, order);
    for (std::size_t i = 0; i < Rank; ++i) {
      if (extents_[i] > 1 && strides_[i] != wanted[i]) return false;
    }
    return true;
  }
  constexpr std::size_t offset_of(const shape& at) const {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < Rank; ++i) offset += at[i] * strides_[i];
    return offset;
  }
  [[noreturn]] void out_of_range(const checked_index& index) const {
    // What was dropped has no elements either, but a better reason.
    if (data_ == nullptr && !life_.check(index.where)) {
      throw std::out_of_range("tensor_view: dropped");
    }
    detail::throw_out_of_range("tensor_view", index.value, data_, index.where);
  }

  constexpr T& element(const std::array<checked_index, Rank>& index) const {
    return element_at<Access::checks>(index);
  }
  template <bool Checks>
  constexpr T& element_at(const std::array<checked_index, Rank>& index) const {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < Rank; ++i) {
      if (Checks && (index[i].value >= extents_[i] || data_ == nullptr)) [[unlikely]] {
        out_of_range(index[i]);
      }
      offset += index[i].value * strides_[i];
    }
    life_.check(index[0].where);
    return data_[offset];
  }

  T* data_ = nullptr;
  shape extents_{};
  shape strides_{};
  [[no_unique_address]] detail::view_life life_;
};

MEMOIR_END
