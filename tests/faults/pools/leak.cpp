// A block is never given back to a debug allocator, which says so when it is closed; one
// that went through a second one, too, is told by both, with the line that asked for it.
//
// FINDING: leak debug_allocator "parser"
//   where: closed
//   alloc: lost
//   text:  1 live block, 20 bytes
// FINDING: leak debug_allocator "inner"
//   where: inner_closed
//   alloc: both
//   text:  1 live block, 40 bytes
// FINDING: leak debug_allocator "outer"
//   where: outer_closed
//   alloc: both

#include <cstdio>

#include "memoir/ziggy.h"

int main() {
  auto& memory = memoir::Z::default_allocator();
  // Their reports go nowhere: the findings are what is looked at here.
  const auto callback = memoir::leak_mode::callback;
  memoir::debug_allocator parser{"parser", memory, callback};
  memoir::debug_allocator inner{"inner", memory, callback};
  memoir::debug_allocator outer{"outer", inner, callback};
  int* lost = parser.allocate<int>(5).release().data();  // mark: lost
  int* both = outer.allocate<int>(10).release().data();  // mark: both
  parser.close();                                        // mark: closed
  inner.close();                                         // mark: inner_closed
  outer.close();                                         // mark: outer_closed
  parser.free(lost);  // so that it is no leak of malloc's
  outer.free(both);
  std::puts("done");
}
