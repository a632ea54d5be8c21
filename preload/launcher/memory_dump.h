#pragma once

// Memory as text: a line for sixteen bytes, with marks below the ones that matter.
//
//   7f3b0c0010a0 |62 61 64 00|2a 2a 2a 2a 2a 2a 2a 2a 2a 2a 2a 2a bad.************
//                             ^^
//
// A bar stands where a block begins, and where it ends.
//
// A pure function.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "launcher/terminal.h"

namespace memoir {

struct MemoryDump {
  std::uint64_t address = 0;
  std::span<const std::uint8_t> bytes;
  std::uint64_t marked = 0;                // the first byte that matters
  std::uint64_t marked_bytes = 0;          // how many do
  std::uint64_t block = 0, block_end = 0;  // 0 and 0: none
};

// The lines with marks, and one before and after. "" when none of them is there.
std::string render_dump(const MemoryDump& dump, std::size_t indent,
                        const TextStyle& style);

}  // namespace memoir
