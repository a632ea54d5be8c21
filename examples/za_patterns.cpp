// Which allocator for what, and how to ask it: one large block instead of many, before
// the loop instead of in it, zeros only where they are needed. The slices are those of
// the design's version 1. What each costs is measured in bench/alloc_ziggy.cpp.
// Rows: ZA-69, ZA-73, ZA-E21, ZA-E29, ZA-E30, ZA-E31, ZA-E32

#include <algorithm>
#include <cstdio>

#include "memoir/ziggy.h"

static int process(memoir::slice<std::byte> work, int round) {
  work[0] = static_cast<std::byte>(round);
  return static_cast<int>(work[0]);
}

int main() {
  memoir::system_allocator system;                                             // E21
  memoir::debug_allocator debug{"Component", memoir::Z::default_allocator()};  // E21
  memoir::allocation_context context{system};
  const auto allocated = [&] {
    return static_cast<unsigned long long>(system.total_allocated_bytes());
  };

  auto one = context.allocate_slice<std::byte>(1024 * 1024);  // E29: efficient
  std::printf("%zu bytes in one block, %llu in all\n", one.size(), allocated());
  for (int i = 0; i < 1000; ++i) {
    auto small = context.allocate<int>();  // E29: inefficient
    *small = i;
  }
  std::printf("%llu in 1001\n", allocated());

  auto numbers = context.allocate_slice<int>(1000);  // E30
  std::span<int> all = numbers;
  std::ranges::fill(all, 42);
  all[500] = 1;
  std::ranges::sort(all);
  std::printf("%d %d\n", numbers[0], numbers[999]);

  auto work = context.allocate_slice<std::byte>(4096);  // E31: before the loop
  int sum = 0;
  for (int i = 0; i < 100; ++i) sum += process(work, i);
  std::printf("%d\n", sum);

  auto buffer = context.allocate_slice<std::byte>(256, memoir::zero::no);  // E32
  const bool needs_zeros = true;
  if (needs_zeros) buffer.zero();
  std::printf("%d\n", static_cast<int>(buffer[255]));

  auto checked = debug.allocate<int>(10);
  std::printf("%zu of %s\n", debug.tracked_count(), debug.name().c_str());
}
