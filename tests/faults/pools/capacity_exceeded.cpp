// More is asked of an arena than it has left; it cannot grow.
//
// FINDING: capacity_exceeded fixed_tensor_arena
//   where: tensor
// FINDING: capacity_exceeded arena "lines"
//   where: bytes

#include <cstdio>
#include <new>
#include <stdexcept>

#include "memoir/arena.h"
#include "memoir/buffer/fixed_tensor_arena.h"

int main() {
  memoir::fixed_tensor_arena<int> tensors{100};
  auto a = tensors.alloc(9, 11);
  if (!tensors.try_alloc(2)) std::puts("as expected");
  try {
    auto b = tensors.alloc(2);  // mark: tensor
  } catch (const std::length_error&) {
    std::puts("full");
  }
  memoir::arena lines{64};
  lines.set_name("lines");
  if (!lines.try_allocate(65)) std::puts("as expected");
  try {
    void* line = lines.allocate(65);  // mark: bytes
  } catch (const std::bad_alloc&) {
    std::puts("full");
  }
}
