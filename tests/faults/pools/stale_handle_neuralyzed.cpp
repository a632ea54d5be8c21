// A pointer that was taken out of a tensor outlives its memory: the tensor is dropped,
// the arena is reset, and its elements move because a larger shape is asked for.
//
// FINDING: stale_handle tensor_arena
//   where: dropped
//   alloc: first
//   text:  stale_handle_neuralyzed.cpp:36, and still in use
// FINDING: stale_handle tensor_arena
//   where: reset
//   alloc: second
// FINDING: stale_handle tensor_arena
//   where: moved
//   alloc: shape

#include <cstdio>

#include "memoir/buffer/tensor_arena.h"

static void fill(double* elements, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) elements[i] = 1;
}

static void clean() {
  memoir::tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);
  {
    auto raw = arena.neuralyze(a);
    fill(raw.data(), raw.size());
  }
  arena.drop(a);
}

static void dropped() {
  memoir::tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);  // mark: first
  auto raw = arena.neuralyze(a);
  fill(raw.data(), raw.size());
  arena.drop(a);  // mark: dropped
}

static void reset() {
  memoir::tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);  // mark: second
  double* raw = arena.neuralyze(a).release();
  fill(raw, a.size());
  arena.reset();  // mark: reset
}

static void moved() {
  memoir::tensor_arena<double> arena{100};
  auto shape = arena.reshape(10, 10);  // mark: shape
  double* raw = arena.neuralyze(shape).release();
  fill(raw, shape.size());
  auto larger = arena.reshape(100, 100);  // mark: moved
}

int main() {
  clean();
  dropped();
  reset();
  moved();
  std::puts("done");
}
