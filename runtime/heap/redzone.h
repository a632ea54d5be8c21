#pragma once

// What is written where the program must not write, and looked at again: canaries around
// blocks, fill patterns in fresh and freed ones.
//
// A pattern is eight bytes that repeat at multiples of eight: which byte belongs at an
// address follows from the address alone.
//
// Thread safety: any thread, on memory nobody else writes. Async-signal safe; calls
// nothing.

#include <cstddef>
#include <cstdint>

namespace memoir {

// As an address neither is a canonical one: whoever follows a pointer out of fresh or
// freed memory faults at once, at an address that says why.
inline constexpr std::uint64_t kFreshPattern = 0xbebebebebebebebe;
inline constexpr std::uint64_t kFreedPattern = 0xe5e5e5e5e5e5e5e5;

// The bytes [first, last) that are not what they should be; none when both are equal.
struct DamagedBytes {
  std::uintptr_t first = 0;
  std::uintptr_t last = 0;

  explicit operator bool() const { return first != last; }
  std::size_t size() const { return last - first; }
};

void fill_pattern(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end);
DamagedBytes find_damage(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end);

// The byte of a pattern that belongs at an address.
inline std::uint8_t pattern_byte(std::uint64_t pattern, std::uintptr_t address) {
  return static_cast<std::uint8_t>(pattern >> (8 * (address % 8)));
}

// Writes the pattern into memory that other threads may be changing: theirs stands, in
// these bytes and in those beside them.
void mend_pattern(std::uint64_t pattern, std::uintptr_t begin, std::uintptr_t end);

// Zeroes memory without libc's memset, which may be an interceptor's.
void fill_zero(std::uintptr_t begin, std::uintptr_t end);

// A canary of this process: eight bytes, none of them 0, a character, 255 or equal to
// another.
std::uint64_t make_canary(std::uint64_t seed);

}  // namespace memoir
