// A buffer of an array gets a deleter that deletes one object, as a test of pt::memory
// did. What a deleter does is its own affair, so it is seen when it does it.
//
// FAULT: allocation and deallocation do not match: allocated by operator new[], freed by operator delete
//   alloc: operator new[]: main@made
//   access: delete_one@deleted < main
// LIBRARIES: memoir_alloc
// COMPILE: -DMEMOIR_TRACKING=0

#include <cstdio>

#include "memoir/buffer/unique_buffer.h"

[[gnu::noinline]] void delete_one(int* memory) {
  ::operator delete(memory);  // mark: deleted
  std::puts("deleted");
}

int main() {
  int* memory = new int[8];  // mark: made
  {
    memoir::unique_buffer<int> buffer(memory, 8, &delete_one);
    buffer[7] = 1;
  }
  return 0;
}
