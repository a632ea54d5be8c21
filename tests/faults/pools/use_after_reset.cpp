// A tensor is used after its arena was reset: through the view, which is noticed at once,
// and through a pointer, which is noticed when the memory is looked at. A view that
// outlives its arena is told, too, and so is one of a tensor that was dropped.
//
// FINDING: use_after_reset tensor_arena "work"
//   where: used
//   alloc: made
//   free:  reset
// FINDING: use_after_reset tensor_arena "work"
//   where: verified
//   alloc: made
//   free:  reset
//   late
//   text:  written 8 bytes behind the begin of a block of 80 bytes
// FINDING: use_after_reset tensor_arena "work"
//   where: dropped
//   alloc: second
//   free:  drop
// FINDING: use_after_reset tensor_arena
//   where: escaped
//   text:  the arena has ended

#include <cstdio>

#include "memoir/buffer/tensor_arena.h"

int main() {
  memoir::tensor_view<double, 1> escaped;
  {
    memoir::tensor_arena<double> work{100};
    work.set_name("work");
    auto first = work.alloc(10);  // mark: made
    double* pointer = first.data();
    work.reset();           // mark: reset
    double sum = first[0];  // mark: used
    pointer[1] = sum < 0 ? 1 : 2;
    work.verify();                 // mark: verified
    auto second = work.alloc(10);  // mark: second
    auto copy = second;
    work.drop(second);  // mark: drop
    copy.check();       // mark: dropped
    escaped = work.alloc(3);
  }
  escaped.check();  // mark: escaped
  std::puts("done");
}
