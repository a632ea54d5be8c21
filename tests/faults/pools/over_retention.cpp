// A pool of small vectors keeps one that has grown to a megabyte; and one with exact
// sizes keeps a thousand buffers, one of each size, of which there was never more than
// one in use.
//
// FINDING: over_retention vector_pool
//   where: grown
//   text:  more than four times
// FINDING: over_retention sized_pool
//   where: many
//   text:  more than eight times

#include <cstdio>

#include "memoir/sized_pool.h"
#include "memoir/vector_pool.h"

int main() {
  memoir::vector_pool<char> vectors{16, {.max_buffers = 4, .max_kept_size = 1 << 21}};
  auto vector = vectors.acquire();
  vector->resize(1 << 20);
  vector.release();  // mark: grown
  memoir::sized_pool pool{
      {.key = memoir::pool_key::exact, .max_per_class = 4, .trim_interval = 0}};
  for (std::size_t i = 0; i < 1000; ++i) {
    auto buffer = pool.acquire(4000 + i);
    buffer.release();  // mark: many
  }
  std::printf("%llu idle\n",
              static_cast<unsigned long long>(pool.stats().available_buffers));
}
