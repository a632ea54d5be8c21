// The pools of the whole program: small, medium, large, and whichever fits.
// Rows: FR-E2

#include <cstdio>

#include "memoir/global_pools.h"

int main() {
  {
    auto small = memoir::global_pools().small();
    auto medium = memoir::global_pools().medium();
    auto large = memoir::global_pools().large();
    auto fitting = memoir::global_pools().get(2048);  // of the medium pool
    std::printf("%zu %zu %zu %zu\n", small.size(), medium.size(), large.size(),
                fitting.size());
  }
  const memoir::global_pool_stats stats = memoir::global_pools().stats();
  const auto print = [](const char* name, const memoir::pool_stats& pool) {
    std::printf("%s: %llu lent so far, %llu in use\n", name,
                static_cast<unsigned long long>(pool.total_acquisitions),
                static_cast<unsigned long long>(pool.buffers_in_use));
  };
  print("small", stats.small);
  print("medium", stats.medium);
  print("large", stats.large);
}
