// Allocators are asked for memory after they gave all theirs back.
//
// FINDING: use_after_dispose scoped_allocator "request"
//   where: scoped
// FINDING: use_after_dispose fixed_tensor_arena
//   where: tensor

#include <cstdio>
#include <stdexcept>

#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/scoped_allocator.h"

int main() {
  memoir::scoped_allocator request;
  request.set_name("request");
  auto numbers = request.allocate<int>(10);
  request.dispose();
  request.dispose();
  try {
    auto more = request.allocate<int>(10);  // mark: scoped
  } catch (const std::logic_error& error) {
    std::puts(error.what());
  }
  memoir::fixed_tensor_arena<int> buffer{100};
  buffer.free();
  try {
    auto a = buffer.alloc(10);  // mark: tensor
  } catch (const std::logic_error& error) {
    std::puts(error.what());
  }
}
