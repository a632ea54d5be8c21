// The address of a block is returned to another pool than it came from; and then to the
// right one.
//
// FINDING: foreign_return block_pool "large"
//   where: wrong
//   alloc: made

#include <cstdio>

#include "memoir/block_pool.h"

int main() {
  memoir::block_pool<char> small{64, 4};
  memoir::block_pool<char> large{4096, 4};
  large.set_name("large");
  char* packet = small.acquire().release().detach();  // mark: made
  large.give_back(packet);                            // mark: wrong
  small.give_back(packet);
  std::printf("%zu and %zu free\n", small.available(), large.available());
}
