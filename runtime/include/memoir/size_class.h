#pragma once

// Sizes rounded up, so that blocks of nearly the same size are one kind: four steps for
// each doubling from 64 bytes on, and multiples of 16 below.
//
//   16 32 48 64 80 96 112 128 160 192 224 256 320 ...
//
// No block is larger than what was asked for by more than a quarter, from 64 bytes on.
//
// Thread safety: pure functions.
// Design: Memoir's own, as in many allocators.

#include <bit>
#include <cstddef>
#include <limits>

namespace memoir {

// The smallest class that holds so many bytes, or 0 where none does: beyond half of the
// address space. size_class(0) is 16. Pure, O(1).
constexpr std::size_t size_class(std::size_t bytes) noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) return 0;
  if (bytes <= 16) return 16;
  if (bytes <= 64) return (bytes + 15) & ~std::size_t{15};
  const std::size_t step = std::bit_floor(bytes - 1) / 4;
  return (bytes + step - 1) & ~(step - 1);
}

// Its place in the row of classes: 0 for 16, 3 for 64, 7 for 128. Of a class only.
constexpr std::size_t size_class_index(std::size_t bytes) noexcept {
  if (bytes <= 64) return bytes / 16 - 1;
  const std::size_t below = std::bit_floor(bytes - 1);  // of (below, 2 * below]
  const std::size_t doublings = static_cast<std::size_t>(std::countr_zero(below)) - 6;
  return 3 + doublings * 4 + (bytes - below) / (below / 4);
}

static_assert(size_class(65) == 80 && size_class(128) == 128 && size_class(129) == 160);
static_assert(size_class_index(64) == 3 && size_class_index(80) == 4 &&
              size_class_index(128) == 7 && size_class_index(160) == 8);

}  // namespace memoir
