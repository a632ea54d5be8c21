#pragma once

// How large a buffer to read a file with: a hundredth of the file, between 8 and 64 KiB,
// in whole pages. 0 to 819200 are 8192, 1000000 is 12288, from 6553600 on 65536.
//
// Thread safety: a pure function.
// Design: optimal_buffer_size of the FASTQ parser's `buffer` module (Rust), to the byte.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace memoir {

constexpr std::size_t optimal_buffer_size(std::uint64_t file_size) noexcept {
  constexpr std::uint64_t least = 8 * 1024;
  constexpr std::uint64_t most = 64 * 1024;
  constexpr std::uint64_t page = 4096;
  const std::uint64_t bytes = std::clamp(file_size / 100, least, most);
  return static_cast<std::size_t>((bytes + page - 1) / page * page);
}

}  // namespace memoir
