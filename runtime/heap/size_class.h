#pragma once

// Which slots small blocks live in: steps of 16 bytes up to 256, then four to each
// doubling, up to 64 KiB. Larger blocks have a mapping of their own.
//
//   slot = | redzone | room for the block ................ |   the next slot's redzone
//                    user bytes ... canary up to the end      follows at once
//
// Thread safety: pure functions and a constant table.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace memoir {

inline constexpr std::size_t kSizeClasses = 48;
inline constexpr std::size_t kMostSmall = std::size_t{64} << 10;
inline constexpr std::size_t kBlockAlignment = 16;

struct SizeClass {
  std::uint32_t room;     // for the block
  std::uint32_t redzone;  // in front of it
  std::uint32_t slab_bytes;
  std::uint32_t slots;  // of a slab

  constexpr std::uint32_t stride() const { return room + redzone; }
};

// The class whose slots have room for `size` bytes, which is at most kMostSmall.
constexpr std::size_t size_class_of(std::size_t size) {
  if (size <= 256) return size == 0 ? 0 : (size - 1) / 16;
  const auto doubling = static_cast<std::size_t>(std::bit_width(size - 1)) - 9;  // of 256
  const std::size_t quarter = (size - 1) >> (doubling + 6);                      // 4..7
  return 16 + doubling * 4 + (quarter - 4);
}

namespace detail {

struct SizeClassTable {
  SizeClass classes[kSizeClasses] = {};

  constexpr SizeClassTable() {
    for (std::size_t i = 0; i < kSizeClasses; ++i) {
      SizeClass& c = classes[i];
      const std::size_t step = i < 16 ? 0 : (i - 16) / 4;
      c.room = static_cast<std::uint32_t>(
          i < 16 ? (i + 1) * 16 : (std::size_t{5} + (i - 16) % 4) << (step + 6));
      c.redzone = c.room <= 256 ? 16 : c.room <= 1024 ? 32 : c.room <= 4096 ? 64 : 128;
      c.slab_bytes = c.room <= 8192 ? 256u << 10 : 1024u << 10;
      c.slots = (c.slab_bytes - c.redzone) / c.stride();
    }
  }
};

inline constexpr SizeClassTable kTable;

}  // namespace detail

constexpr const SizeClass& size_class(std::size_t index) {
  return detail::kTable.classes[index];
}

static_assert(size_class(kSizeClasses - 1).room == kMostSmall);
static_assert(size_class_of(kMostSmall) == kSizeClasses - 1);
static_assert(size_class_of(257) == 16 && size_class(16).room == 320);

}  // namespace memoir
