// A write behind the end of a block is found when the block is given back; one in front
// of a block that is never given back, at the end of the program.
//
// FINDING: pool_overflow system_allocator
//   where: found
//   alloc: over
//   late
//   text:  written 2 bytes after the end of a block of 40 bytes
// FINDING: pool_overflow system_allocator
//   alloc: under
//   late
//   text:  written 1 byte before a block of 50 bytes
// FINDING: pool_destroyed_with_live_blocks system_allocator
//   alloc: under

#include <cstdio>

#include "memoir/system_allocator.h"

int main() {
  memoir::system_allocator memory;
  auto* over = static_cast<char*>(memory.allocate(40));  // mark: over
  over[42] = 1;
  memory.free(over);                                      // mark: found
  auto* under = static_cast<char*>(memory.allocate(50));  // mark: under
  under[-1] = 0;
  std::puts("done");
}
