#pragma once

// One piece of upstream memory in an arena's chain, with its header in front:
//
//   | arena_chunk | pad | begin() ... blocks ... cursor ... free ... end() |

#include <cstddef>
#include <cstdint>

#include "memoir/config.h"

MEMOIR_BEGIN
namespace detail {

struct arena_chunk {
  arena_chunk* before = nullptr;  // older
  arena_chunk* after = nullptr;   // newer, or spare
  std::size_t bytes = 0;          // of the piece, header included
  std::size_t header = 0;         // bytes in front of begin()
  std::size_t room = 0;           // what it adds to the arena's capacity
  std::size_t used = 0;           // of `room`, where tracking is on
  std::size_t ever_used = 0;      // the most that was, before a reset
  std::size_t place = 0;          // in the chain, while it is in use
  std::byte* cursor = nullptr;    // while another one is the current one

  std::byte* begin() { return reinterpret_cast<std::byte*>(this) + header; }
  std::byte* end() { return reinterpret_cast<std::byte*>(this) + bytes; }
  bool holds(const void* address) { return begin() <= address && address <= end(); }
};

// `alignment` is a power of two.
constexpr std::size_t round_up(std::size_t bytes, std::size_t alignment) {
  return (bytes + alignment - 1) & ~(alignment - 1);
}

inline std::size_t padding_of(const std::byte* address, std::size_t alignment) {
  return static_cast<std::size_t>(-reinterpret_cast<std::uintptr_t>(address)) &
         (alignment - 1);
}

// The next such address.
inline std::byte* aligned(std::byte* address, std::size_t alignment) {
  return reinterpret_cast<std::byte*>(
      (reinterpret_cast<std::uintptr_t>(address) + alignment - 1) & -alignment);
}

}  // namespace detail
MEMOIR_END
