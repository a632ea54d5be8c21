// Two buffers own the same memory: one of them frees it.
//
// FINDING: double_free buffer
//   where: first
//   alloc: second

#include <cstdio>
#include <cstdlib>

#include "memoir/buffer/unique_buffer.h"

int main() {
  auto* memory = static_cast<int*>(std::malloc(100 * sizeof(int)));
  memoir::unique_buffer<int> a(memory, 100, &std::free);
  memoir::unique_buffer<int> b(memory, 100, &std::free);  // mark: second
  a.reset();                                              // mark: first
  b.reset();
  std::puts("done");
}
