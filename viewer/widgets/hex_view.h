#pragma once

// Memory, sixteen bytes a line: which belong to the block, and which were damaged or used.
//
// Thread safety: the thread that draws.

#include <cstddef>
#include <cstdint>
#include <span>

namespace memoir {

struct HexView {
  std::uint64_t address = 0;
  std::span<const std::uint8_t> bytes;
  std::uint64_t marked = 0;        // the first byte that matters
  std::uint64_t marked_bytes = 0;  // how many do
  std::uint64_t block = 0, block_end = 0;  // 0 and 0: none
};

void draw_hex(const char* mark_name, const HexView& view);

}  // namespace memoir
