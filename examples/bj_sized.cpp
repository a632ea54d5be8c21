// A buffer with room for 100 elements from the beginning; doubles, unless another type is
// named. A dry run says how large it has to be.
// Rows: BJ-E3, BJ-10

#include <cstdio>

#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/tensor_arena.h"

// Works with a real arena and with one that only counts.
static void work(auto& arena) {
  auto a = arena.alloc(8, 8);
  auto b = arena.alloc(6, 6);
  arena.drop(b);
  auto c = arena.alloc(4);
  c.fill(1);
  arena.drop(a, c);
}

int main() {
  memoir::tensor_arena buffer(100);
  std::printf("room for %zu of %zu bytes each\n", buffer.capacity(), sizeof(double));
  memoir::sizing_arena<double> plan;
  work(plan);
  work(buffer);
  std::printf("planned %zu, used at most %zu, grown %zu times\n", plan.peak(),
              buffer.peak_usage(), buffer.growth_count());
}
