// Tensors are cut from a buffer, and go back to it: one by one, or all at once.
// Rows: BJ-E4, BJ-11, BJ-12, BJ-13

#include <cassert>
#include <cstdio>
#include <numeric>

#include "memoir/buffer/tensor_arena.h"

int main() {
  memoir::tensor_arena<double> buffer{100};
  auto a = buffer.alloc(10, 10);  // the whole of it
  std::iota(a.begin(), a.end(), 0.0);
  std::printf("a(3, 4) = %g, used %zu of %zu\n", a(3, 4), *buffer.used(),
              buffer.capacity());
  buffer.drop(a);
  std::printf("used %zu\n", *buffer.used());

  auto b = buffer.alloc(50);
  auto c = buffer.alloc(5, 5);
  b.fill(1);
  c.fill(2);
  buffer.reset();  // both
  assert(buffer.used() == 0u);
  std::printf("used %zu of %zu\n", *buffer.used(), buffer.capacity());

  // The same memory under two shapes.
  auto flat = buffer.reshape(100);
  std::iota(flat.begin(), flat.end(), 0.0);
  std::printf("square(3, 4) = %g\n", buffer.reshape(10, 10)(3, 4));
}
