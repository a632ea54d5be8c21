// A pool keeps what is given back, so that a loop with a buffer asks for memory once.
// Rows: ZA-E6, ZA-E19, ZA-E27, ZA-E33

#include <cstdio>

#include "memoir/ziggy.h"

int main() {
  memoir::system_allocator system;
  memoir::memory_pool pool{system};  // E6, E19
  int* first = nullptr;
  {
    auto numbers = pool.allocate<int>(100);
    first = numbers.data();
  }
  auto again = pool.allocate<int>(100);
  std::printf("the same memory: %s\n", again.data() == first ? "yes" : "no");
  again.dispose();
  again.dispose();  // given back once

  // Without the pool, malloc() is asked each time (E33) ...
  for (int i = 0; i < 1000; ++i) auto buffer = system.allocate<std::byte>(1024);
  // ... with it, once (E27).
  for (int i = 0; i < 1000; ++i) {
    auto buffer = pool.allocate<std::byte>(1024);
    buffer[0] = std::byte{1};
  }
  const memoir::pool_stats seen = pool.stats();
  std::printf("%llu buffers, %llu blocks, %.1f%% reused\n",
              static_cast<unsigned long long>(seen.total_acquisitions),
              static_cast<unsigned long long>(seen.growth_events), 100 * seen.hit_rate());

  std::printf("in use: %llu bytes\n",
              static_cast<unsigned long long>(pool.total_allocated_bytes()));
  pool.clear();
  std::printf("from the system: %llu bytes\n",
              static_cast<unsigned long long>(system.total_allocated_bytes()));
}
