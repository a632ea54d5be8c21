// The memory of an arena is reshaped while there are tensors in it, and tensors are asked
// for while it is reshaped.
//
// FINDING: mode_conflict tensor_arena
//   where: reshaped
// FINDING: mode_conflict tensor_arena
//   where: allocated

#include <cstdio>
#include <stdexcept>

#include "memoir/buffer/tensor_arena.h"

int main() {
  memoir::tensor_arena<float> arena{100};
  auto a = arena.alloc(10);
  try {
    arena.reshape(10, 10);  // mark: reshaped
  } catch (const std::logic_error&) {
    arena.reset();
  }
  auto whole = arena.reshape(10, 10);
  try {
    auto b = arena.alloc(3);  // mark: allocated
  } catch (const std::logic_error&) {
    std::puts("reset it first");
  }
}
