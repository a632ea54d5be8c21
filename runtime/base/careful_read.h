#pragma once

// Reads memory of this process that may not be mapped, or be unmapped meanwhile.
//
// Thread safety and signals: safe anywhere; a system call; errno is left alone.

#include <cstddef>
#include <cstdint>

namespace memoir {

enum class CarefulRead : std::uint8_t {
  kRead,
  kNotMapped,
  kRefused,  // the system does not let this process look (seccomp)
};

CarefulRead read_carefully(std::uint64_t address, void* to, std::size_t bytes);

// Whether all pages of a range can be read, where the system lets this process look.
bool can_be_read(std::uint64_t begin, std::uint64_t end);

// Reads up to the first page that is not mapped, at most kMostCarefulBytes: how many
// bytes were read, 0 when not even the first.
inline constexpr std::size_t kMostCarefulBytes = 8192;
std::size_t read_what_is_mapped(std::uint64_t address, void* to, std::size_t bytes);

}  // namespace memoir
