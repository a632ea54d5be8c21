// A buffer whose block was returned behind its back, and is another's by now: it is told
// when it is used, and its end does not take the block from its new owner.
//
// FINDING: stale_handle block_pool "slots"
//   where: used
//   alloc: next
// FINDING: stale_handle block_pool "slots"
//   where: ended

#include <cstdio>

#include "memoir/block_pool.h"

int main() {
  memoir::block_pool<int> pool{16, 2};
  pool.set_name("slots");
  memoir::unique_buffer<int> old = pool.acquire();
  pool.give_back(old.get());
  memoir::unique_buffer<int> young = pool.acquire();  // mark: next
  (void)old.span();                                   // mark: used
  old.reset();                                        // mark: ended
  std::printf("%zu in use\n", pool.in_use());
}
