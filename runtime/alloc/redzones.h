#pragma once

// What stands in redzones, and what of a stretch of memory is not as it was left. Pure.

#include <cstddef>
#include <cstdint>

namespace memoir::records {

inline std::size_t bytes_between(const std::byte* from, const std::byte* to) {
  return static_cast<std::size_t>(to - from);
}

// Differs from byte to byte, so that no repeated value passes for it, and is never what
// programs write most: 0x80 to 0xfe, which no ASCII character, small number, or 255 is.
inline unsigned char canary_of(const std::byte* address) {
  const auto hash = reinterpret_cast<std::uintptr_t>(address) * 0x9e3779b1u >> 13 & 0x7f;
  return static_cast<unsigned char>(hash == 0x7f ? 0xd5 : 0x80 | hash);
}

inline void write_canaries(std::byte* begin, std::byte* end) {
  for (; begin != end; ++begin) *begin = std::byte{canary_of(begin)};
}

struct damage {
  const std::byte* first = nullptr;  // null: none
  std::size_t size = 0;              // up to the last damaged byte
};

template <class Expected>
damage find_damage(const std::byte* begin, const std::byte* end, Expected expected) {
  damage found;
  for (const std::byte* at = begin; at != end; ++at) {
    if (*at == std::byte{expected(at)}) continue;
    if (found.first == nullptr) found.first = at;
    found.size = static_cast<std::size_t>(at - found.first) + 1;
  }
  return found;
}

}  // namespace memoir::records
