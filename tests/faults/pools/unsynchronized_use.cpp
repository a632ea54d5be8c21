// Arenas, which one thread at a time may use, are used by a second one that nobody handed
// them to.
//
// FINDING: unsynchronized_use tensor_arena
//   where: tensor
// FINDING: unsynchronized_use arena
//   where: bytes
// FINDING: unsynchronized_use scoped_allocator
//   where: scoped

#include <cstdio>
#include <thread>

#include "memoir/arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/scoped_allocator.h"

int main() {
  memoir::tensor_arena<int> tensors{100};
  memoir::arena bytes{100};
  memoir::scoped_allocator scope;
  memoir::arena handed{100};
  tensors.alloc(1).fill(1);
  bytes.try_allocate(1);
  void* block = scope.allocate(1);
  handed.try_allocate(1);
  handed.hand_over();
  std::thread{[&] {
    tensors.alloc(1).fill(2);   // mark: tensor
    bytes.try_allocate(1);      // mark: bytes
    block = scope.allocate(1);  // mark: scoped
    handed.try_allocate(1);
  }}.join();
  std::puts("done");
}
