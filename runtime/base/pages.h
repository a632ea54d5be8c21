#pragma once

// Pages straight from the kernel: the runtime's only memory inside the program. Not seen
// by the interposers, not counted as the program's.
//
// Thread safety and signals: safe anywhere; errno is left alone.

#include <cstddef>

namespace memoir {

inline constexpr std::size_t kPageSize = 4096;

constexpr std::size_t round_up(std::size_t value, std::size_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

// Zeroed, private, readable and writable; nullptr when the kernel refuses.
void* map_pages(std::size_t bytes);
void unmap_pages(void* pages, std::size_t bytes);

// A page that a fork's child sees zeroed, whichever way it was forked; nullptr where the
// kernel has no MADV_WIPEONFORK (before 4.14).
void* map_page_wiped_on_fork();

}  // namespace memoir
