// A block is written to after it was freed; and the handle of one that was freed by its
// address is used.
//
// FINDING: use_after_free system_allocator "messages"
//   where: looked
//   alloc: made
//   free:  freed
//   late
//   text:  written 8 bytes behind the begin of a block of 40 bytes
// FINDING: use_after_free system_allocator "messages"
//   where: used
//   alloc: other
//   free:  behind
// FINDING: double_free system_allocator "messages"
//   where: disposed
//   alloc: other
//   free:  behind

#include <cstdio>

#include "memoir/system_allocator.h"

int main() {
  memoir::system_allocator memory{"messages"};
  auto numbers = memory.allocate<int>(10);  // mark: made
  int* stale = numbers.data();
  numbers.dispose();  // mark: freed
  stale[2] = 1;
  memory.verify();  // mark: looked

  auto others = memory.allocate<int>(10);  // mark: other
  memory.free(others.data());              // mark: behind
  static_cast<void>(others.span());        // mark: used
  others.dispose();                        // mark: disposed
  std::puts("done");
}
