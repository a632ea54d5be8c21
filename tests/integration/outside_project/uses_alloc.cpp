// Uses an allocator of Memoir's.
#include <memoir/ziggy.h>

#include <cstdio>

int main() {
  memoir::system_allocator memory;
  auto numbers = memory.allocate<int>(100, memoir::zero::yes);
  numbers[99] = 42;
  std::printf("%d, %d\n", numbers[0], numbers[99]);
}
