#pragma once

// What stands in front of a block of an allocator that is taken back by address alone:
//
//   memory | header | redzone (tracking) | block | redzone (tracking)
//
// It is only ever read for blocks that are known to be the allocator's by other means: a
// ledger, or a table of addresses. What lies before an address says nothing about it.

#include <cstddef>
#include <cstdint>
#include <new>

#include "memoir/detail/pool_watch.h"

MEMOIR_BEGIN
namespace detail {

struct block_header {
  std::size_t bytes;     // as it was asked for
  std::uint32_t offset;  // of the block in its memory
  std::uint16_t size_class;
  std::uint16_t reserved;

  // In front of a block: the header, its redzone, and what aligns it.
  static constexpr std::size_t space(std::size_t alignment) {
    const std::size_t needed = sizeof(block_header) + pool_watch::redzone;
    return (needed + alignment - 1) & ~(alignment - 1);
  }
  // Of a block with all that goes with it; less than `bytes` where that does not fit.
  static constexpr std::size_t total(std::size_t bytes, std::size_t alignment) {
    return space(alignment) + bytes + pool_watch::space_after();
  }

  static block_header& of(void* block) {
    return *std::launder(reinterpret_cast<block_header*>(
        static_cast<std::byte*>(block) - pool_watch::redzone - sizeof(block_header)));
  }
  void* memory(void* block) const { return static_cast<std::byte*>(block) - offset; }

  // Writes one into memory that is aligned for the block; the block.
  static void* write(void* memory, std::size_t bytes, std::size_t alignment,
                     std::uint16_t size_class) {
    const std::size_t offset = space(alignment);
    auto* block = static_cast<std::byte*>(memory) + offset;
    new (block - pool_watch::redzone - sizeof(block_header))
        block_header{bytes, static_cast<std::uint32_t>(offset), size_class, 0};
    return block;
  }
};

}  // namespace detail
MEMOIR_END
