#pragma once

// The numbers that tensor arenas are asked with: extents, which may be of any integer
// type, and sizes, which say whether they mean elements or bytes.

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "memoir/site.h"

MEMOIR_BEGIN

// A number of elements, or of bytes: tensor_arena<int> a{bytes{4096}}.
struct elements {
  std::size_t count;
};
struct bytes {
  std::size_t count;
};

namespace detail {

// The most that a tensor may have of anything.
inline constexpr auto kMostExtent =
    static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());

// What a negative number becomes is larger.
template <std::integral I>
constexpr std::size_t to_extent(I number) {
  if constexpr (std::signed_integral<I>) {
    return number < 0 ? std::numeric_limits<std::size_t>::max()
                      : static_cast<std::size_t>(number);
  } else {
    return static_cast<std::size_t>(number);
  }
}

// The first of several extents; takes the caller's site.
struct first_extent {
  std::size_t value;
  [[no_unique_address]] site where;

  template <std::integral I>
  constexpr first_extent(I number, site from = site::current())
      : value{to_extent(number)}, where{from} {}
};

// How many elements an array has, and what is wrong with the numbers.
struct element_count {
  enum class fault : std::uint8_t { none, bad_size, overflow };
  std::size_t count = 0;
  std::size_t bytes = 0;
  fault wrong = fault::none;
};

template <std::size_t Rank>
constexpr element_count count_elements(const std::array<std::size_t, Rank>& extents,
                                       std::size_t element_bytes) {
  element_count all{1, element_bytes};
  bool too_large = false;
  bool none = false;
  for (const std::size_t extent : extents) {
    if (extent > kMostExtent) return {0, 0, element_count::fault::bad_size};
    none = none || extent == 0;
    too_large = __builtin_mul_overflow(all.bytes, extent, &all.bytes) || too_large;
    all.count *= extent;
  }
  if (none) return {0, 0};
  if (too_large || all.bytes > kMostExtent) {
    return {0, 0, element_count::fault::overflow};
  }
  return all;
}

// The same by a product alone. all_ones: 0 where that is right, and at most `most` bytes.
struct small_element_count {
  std::size_t count;
  std::size_t all_ones;
};
template <std::size_t ElementBytes, std::size_t Rank>
constexpr small_element_count count_few_elements(
    const std::array<std::size_t, Rank>& extents, std::size_t most) {
  const std::size_t bits =
      static_cast<std::size_t>(std::bit_width(most / ElementBytes)) - 1;
  std::size_t any = 0;
  std::size_t count = 1;
  for (const std::size_t extent : extents) {
    any |= extent;
    count *= extent;
  }
  return {count, (any >> (bits / Rank)) != 0 ? ~std::size_t{0} : 0};
}

}  // namespace detail
MEMOIR_END
