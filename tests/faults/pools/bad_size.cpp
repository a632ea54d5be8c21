// Sizes that cannot be meant: an extent below zero, an alignment that is no power of two,
// a capacity of nearly all memory.
//
// FINDING: bad_size tensor_arena
//   where: extent
// FINDING: bad_size arena
//   where: alignment
// FINDING: bad_size tensor_arena
//   where: capacity

#include <cstdio>
#include <new>
#include <stdexcept>

#include "memoir/arena.h"
#include "memoir/buffer/tensor_arena.h"

int main() {
  int columns = 3;
  memoir::tensor_arena<int> tensors;
  try {
    auto a = tensors.alloc(10, columns - 4);  // mark: extent
  } catch (const std::invalid_argument&) {
    std::puts("no such extent");
  }
  memoir::arena bytes{100};
  if (!bytes.try_allocate(8, 12)) {  // mark: alignment
    std::puts("no such alignment");
  }
  try {
    memoir::tensor_arena<double> all(
        static_cast<std::size_t>(columns - 4));  // mark: capacity
  } catch (const std::bad_array_new_length&) {
    std::puts("no such capacity");
  }
}
