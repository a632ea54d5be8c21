// More bytes are counted as freed than were allocated.
//
// FINDING: stats_underflow buffer_stats
//   where: twice

#include <cstdio>

#include "memoir/buffer_stats.h"

int main() {
  memoir::buffer_stats stats;
  stats.record_allocation(100);
  stats.record_deallocation(100);
  stats.record_deallocation(100);  // mark: twice
  std::printf("%llu bytes\n",
              static_cast<unsigned long long>(stats.snapshot().total_bytes));
}
