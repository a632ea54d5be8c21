// A block is written after it went back to its pool, through an address, which the pool
// finds when it hands the block out again; and looked at through a view, which is found
// at once.
//
// FINDING: use_after_return block_pool "packets"
//   where: next
//   alloc: made
//   free:  back
//   late
//   text:  written 10 bytes behind the begin of a block of 64 bytes
// FINDING: use_after_return block_pool "packets"
//   where: look
//   alloc: next
//   free:  gone

#include <cstdio>

#include "memoir/block_pool.h"

int main() {
  memoir::block_pool<char> pool{64, 4};
  pool.set_name("packets");
  memoir::unique_buffer<char> packet = pool.acquire();  // mark: made
  char* address = packet.get();
  packet.reset();  // mark: back
  address[10] = 1;
  memoir::unique_buffer<char> other = pool.acquire();  // mark: next
  memoir::buffer_view<char> view = other.view();
  other.reset();           // mark: gone
  (void)view.byte_span();  // mark: look
  std::puts("done");
}
