// A write beyond a block of a pool, into what would be its neighbour.
//
// FINDING: pool_overflow block_pool "packets"
//   where: back
//   alloc: made
//   late
//   text:  written 4 bytes after the end of a block of 100 bytes

#include <cstdio>

#include "memoir/block_pool.h"

int main() {
  memoir::block_pool<char, 8> pool{100, 3};
  pool.set_name("packets");
  memoir::unique_buffer<char> packet = pool.acquire();  // mark: made
  memoir::unique_buffer<char> neighbour = pool.acquire();
  packet.data()[104] = 1;
  packet.reset();  // mark: back
  std::puts("done");
}
