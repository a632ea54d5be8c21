// A block is given back as smaller than it is.
//
// FINDING: alloc_dealloc_mismatch system_allocator "messages"
//   where: back
//   alloc: made
//   text:  given back as 50 bytes, allocated as 100 bytes

#include <cstdio>

#include "memoir/system_allocator.h"

int main() {
  memoir::system_allocator memory{"messages"};
  void* block = memory.allocate(100);  // mark: made
  memory.deallocate(block, 50);        // mark: back
  std::puts("done");
}
