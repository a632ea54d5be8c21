// A thousand short-lived buffers, one allocation.
//
// The pool lends vectors that keep their memory: each is empty, has room for 4096
// characters, and goes back when its scope ends. Example "process_with_pool" of the FASTQ
// parser.
// Rows: FQ-E1

#include <cstdio>
#include <string>

#include "memoir/vector_pool.h"

int main() {
  memoir::vector_pool<char> pool{4096};
  std::size_t bases = 0;
  for (int i = 0; i < 1000; ++i) {
    auto buffer = pool.acquire();
    const std::string text = "@seq" + std::to_string(i) + "\nACGTACGT\n+\nIIIIIIII\n";
    buffer->insert(buffer->end(), text.begin(), text.end());
    for (const char one : *buffer) bases += one == 'A' || one == 'C' ? 1 : 0;
  }
  const memoir::pool_stats stats = pool.stats();
  std::printf("%zu bases A or C\n", bases);
  std::printf("%llu acquisitions, %llu allocation, %llu idle\n",
              static_cast<unsigned long long>(stats.total_acquisitions),
              static_cast<unsigned long long>(stats.growth_events),
              static_cast<unsigned long long>(stats.available_buffers));
}
