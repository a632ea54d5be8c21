// A block of an allocator is given back by its address twice.
//
// FINDING: double_free system_allocator "messages"
//   where: again
//   alloc: made
//   free:  first

#include <cstdio>

#include "memoir/system_allocator.h"

int main() {
  memoir::system_allocator memory{"messages"};
  void* block = memory.allocate(100);  // mark: made
  memory.free(block);                  // mark: first
  memory.free(block);                  // mark: again
  std::puts("done");
}
