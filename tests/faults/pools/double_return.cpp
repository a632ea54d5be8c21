// A block of a pool is returned by its address while its buffer is still there: the end
// of the buffer returns it once more. Without a look at it the pool would have three free
// blocks of two, and two owners of one.
//
// FINDING: double_return block_pool "frames"
//   where: again
//   alloc: made
//   free:  first

#include <cstdio>

#include "memoir/block_pool.h"

int main() {
  memoir::block_pool<float> pool{1000, 2};
  pool.set_name("frames");
  memoir::unique_buffer<float> frame = pool.acquire();  // mark: made
  pool.give_back(frame.get());                          // mark: first
  frame.reset();                                        // mark: again
  std::printf("%zu free\n", pool.available());
}
