// A single block is given back to an allocator that frees all of them at once.
//
// FINDING: unsupported_free scoped_allocator "request"
//   where: freed
//   alloc: made
// FINDING: unsupported_free scoped_allocator "request"
//   where: null

#include <cstdio>
#include <stdexcept>

#include "memoir/scoped_allocator.h"

int main() {
  memoir::scoped_allocator request;
  request.set_name("request");
  void* block = request.allocate(100);  // mark: made
  try {
    request.free(block);  // mark: freed
  } catch (const std::logic_error& error) {
    std::puts(error.what());
  }
  try {
    request.free(nullptr);  // mark: null
  } catch (const std::logic_error&) {
    std::puts("nor null");
  }
}
