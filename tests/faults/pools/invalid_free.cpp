// Addresses that are nobody's block: on the stack, within a block, and one of malloc's in
// front of which stands what might be taken for a header.
//
// FINDING: invalid_free system_allocator "messages"
//   where: local
// FINDING: invalid_free system_allocator "messages"
//   where: within
//   alloc: made
//   text:  lies inside a block
// FINDING: invalid_free hybrid_allocator
//   where: foreign
//   text:  never handed it out

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "memoir/ziggy.h"

int main() {
  memoir::system_allocator memory{"messages"};
  int local = 0;
  memory.free(&local);                      // mark: local
  auto numbers = memory.allocate<int>(10);  // mark: made
  memory.free(numbers.data() + 1);          // mark: within
  numbers[9] = 1;                           // nothing was done

  memoir::hybrid_allocator hybrid{memory};
  void* own = std::malloc(4000);
  try {
    hybrid.free(own);  // mark: foreign
  } catch (const std::invalid_argument&) {
    std::puts("refused");
  }
  std::free(own);
}
