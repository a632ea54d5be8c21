// What a pool says of itself.
// Rows: FR-E4

#include <cstdio>
#include <vector>

#include "memoir/sized_pool.h"

namespace {

void print(const char* name, std::uint64_t value) {
  std::printf("%-20s %llu\n", name, static_cast<unsigned long long>(value));
}

}  // namespace

int main() {
  memoir::sized_pool pool;
  std::vector<memoir::pooled_bytes> held;
  for (int i = 0; i < 5; ++i) held.push_back(pool.acquire(1024));
  held.resize(2);
  for (int i = 0; i < 10; ++i) pool.acquire(1000).release();

  const memoir::pool_stats stats = pool.stats();
  print("total allocated", stats.total_allocated);
  print("buffers in use", stats.buffers_in_use);
  print("available buffers", stats.available_buffers);
  print("peak allocation", stats.peak_allocation);
  print("total acquisitions", stats.total_acquisitions);
  print("total releases", stats.total_releases);
  print("growth events", stats.growth_events);
  print("bytes in use", stats.bytes_in_use);
  print("bytes idle", stats.bytes_idle);
  std::printf("hit rate             %.2f\n", stats.hit_rate());
}
