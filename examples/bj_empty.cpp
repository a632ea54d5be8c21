// A typed buffer that begins empty and grows when tensors are made in it.
// Rows: BJ-E1, BJ-E2, BJ-8

#include <cstdio>

#include "memoir/buffer/tensor_arena.h"

int main() {
  memoir::tensor_arena<int> buffer;
  std::printf("capacity %zu\n", buffer.capacity());
  auto table = buffer.alloc(10, 10);
  table.fill(7);
  std::printf("used %zu, grown %zu times\n", *buffer.used(), buffer.growth_count());
  buffer.drop(table);
}
