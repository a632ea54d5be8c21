// A buffer is written to a file though only half of it was filled.
//
// FINDING: uninitialized_use sized_pool
//   where: written
//   alloc: made
//   text:  never written

#include <cstdio>
#include <cstring>

#include "memoir/sized_pool.h"

int main() {
  memoir::sized_pool pool;
  auto buffer = pool.acquire(100);  // mark: made
  std::memset(buffer.data(), 'x', 50);
  const auto bytes = buffer.written_span();  // mark: written
  std::printf("%zu bytes\n", bytes.size());
}
