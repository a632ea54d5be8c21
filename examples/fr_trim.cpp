// Giving memory back: by hand, and by itself.
// Rows: FR-E5

#include <cstdio>
#include <vector>

#include "memoir/global_pools.h"
#include "memoir/sized_pool.h"

namespace {

void print(const char* what, const memoir::sized_pool& pool) {
  std::printf("%-13s %llu idle\n", what,
              static_cast<unsigned long long>(pool.stats().available_buffers));
}

void use(memoir::sized_pool& pool, int at_once) {
  std::vector<memoir::pooled_bytes> held;
  for (int i = 0; i < at_once; ++i) held.push_back(pool.acquire(4096));
}

}  // namespace

int main() {
  memoir::sized_pool pool{{.trim_interval = 0}};
  use(pool, 4);
  print("after use", pool);
  for (int i = 0; i < 3; ++i) {
    pool.shrink();
    print("shrink", pool);
  }
  use(pool, 4);
  pool.trim(8192);
  print("trim to 8 KiB", pool);
  pool.clear();
  print("clear", pool);

  memoir::sized_pool by_itself{{.trim_interval = 32}};
  use(by_itself, 60);
  for (int i = 0; i < 1000; ++i) use(by_itself, 2);
  print("by itself", by_itself);

  memoir::global_pools().small().release();
  std::printf("%zu bytes of the global pools freed\n", memoir::clear_global_pools());
}
