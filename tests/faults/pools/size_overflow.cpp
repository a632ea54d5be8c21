// Products and sums that wrap around: extents, a count of elements, a number of bytes.
//
// FINDING: size_overflow tensor_arena
//   where: extents
// FINDING: size_overflow arena
//   where: count
// FINDING: size_overflow arena
//   where: bytes

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <new>

#include "memoir/arena.h"
#include "memoir/buffer/tensor_arena.h"

int main() {
  const std::size_t side = std::size_t{1} << 32;
  memoir::tensor_arena<int> tensors;
  try {
    auto a = tensors.alloc(side, side);  // mark: extents
  } catch (const std::bad_array_new_length&) {
    std::puts("too many elements");
  }
  memoir::arena bytes{100};
  bytes.try_allocate(10);
  try {
    auto b = bytes.allocate<double>(SIZE_MAX / 8 + 2);  // mark: count
  } catch (const std::bad_array_new_length&) {
    std::puts("too many elements");
  }
  if (!bytes.try_allocate(SIZE_MAX - 5)) {  // mark: bytes
    std::puts("too many bytes");
  }
}
