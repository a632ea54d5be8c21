// A block of 20 bytes is given back as one of 100, for which it would be handed out
// again.
//
// FINDING: undersized_reuse sized_pool "messages"
//   where: larger
//   text:  larger than it is

#include <cstdio>

#include "memoir/sized_pool.h"

int main() {
  memoir::sized_pool pool;
  pool.set_name("messages");
  memoir::resource* resource = pool.as_resource();
  void* block = resource->allocate(20);
  resource->deallocate(block, 100);  // mark: larger
  auto large = pool.acquire(100);    // another block
  std::puts(large.capacity() >= 100 ? "done" : "too small");
}
