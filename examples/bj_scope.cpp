// A buffer for the length of a scope. The older tensor is dropped first: its memory comes
// back when the newer one is gone, or the drop is refused, as the buffer's policy says.
// Rows: BJ-E6, BJ-17, S-BJ-1

#include <cstdio>
#include <stdexcept>

#include "memoir/buffer/fixed_tensor_arena.h"

int main() {
  memoir::with_buffer<int>(1000, [](auto& buffer) {
    auto a = buffer.alloc(10, 10);
    auto b = buffer.alloc(10, 5);
    a.fill(0);
    b.fill(1);
    buffer.drop(a);
    std::printf("used %zu\n", *buffer.used());
    buffer.drop(b);
    std::printf("used %zu\n", *buffer.used());
  });  // freed here, also after an exception

  memoir::fixed_tensor_arena<int> strict{1000, memoir::drop_policy::strict_lifo};
  auto a = strict.alloc(10, 10);
  auto b = strict.alloc(10, 5);
  try {
    strict.drop(a);  // finding non_lifo_drop
  } catch (const std::logic_error&) {
    std::puts("newest first");
  }
  strict.drop(a, b);  // together, in any order
  std::printf("used %zu\n", *strict.used());
}
