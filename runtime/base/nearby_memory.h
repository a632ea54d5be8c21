#pragma once

// A copy of the memory around an address, as far as it can be read.

#include <cstdint>

namespace memoir {

inline constexpr std::uint32_t kMostNearbyBytes = 96;

struct NearbyMemory {
  std::uint64_t begin = 0;
  std::uint32_t count = 0;  // of bytes; 0: none could be read
  std::uint8_t bytes[kMostNearbyBytes] = {};
};

// From two lines of sixteen bytes before the address on. Safe anywhere; errno is left
// alone.
void copy_nearby_memory(std::uint64_t address, NearbyMemory& copy);

}  // namespace memoir
