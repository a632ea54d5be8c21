// Of an arena that takes tensors back newest first, an older one is dropped.
//
// FINDING: non_lifo_drop fixed_tensor_arena "frames"
//   where: dropped
//   alloc: older

#include <cstdio>
#include <stdexcept>

#include "memoir/buffer/fixed_tensor_arena.h"

int main() {
  memoir::fixed_tensor_arena<int> frames{1000, memoir::drop_policy::strict_lifo};
  frames.set_name("frames");
  auto a = frames.alloc(10, 10);  // mark: older
  auto b = frames.alloc(10, 5);
  try {
    frames.drop(a);  // mark: dropped
  } catch (const std::logic_error& error) {
    std::puts(error.what());
  }
  frames.drop(b);
  frames.drop(a);
}
