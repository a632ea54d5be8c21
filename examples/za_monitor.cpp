// How much is allocated, now and in all.
// Rows: ZA-72, ZA-E26

#include <cstdio>

#include "memoir/ziggy.h"

int main() {
  memoir::system_allocator memory;
  auto bytes = memory.allocate<std::byte>(1024 * 1024);  // 1 MiB
  {
    auto numbers = memory.allocate<int>(100'000);  // 400,000 bytes
    std::printf("allocated: %llu bytes\n",
                static_cast<unsigned long long>(memory.total_allocated_bytes()));
  }
  std::printf("now %llu, in all %llu\n",
              static_cast<unsigned long long>(memory.total_allocated_bytes()),
              static_cast<unsigned long long>(memory.cumulative_allocated_bytes()));
}
