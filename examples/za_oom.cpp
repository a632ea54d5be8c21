// Running out of memory is an exception, and costs nothing that was allocated before.
// Rows: ZA-71, ZA-E25

#include <sys/resource.h>

#include <cstdio>
#include <new>

#include "memoir/ziggy.h"

struct large_struct {
  char bytes[1024];
};

// As on a machine with little memory. (Sanitizers need address space for themselves.)
static void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit little{std::size_t{512} << 20, std::size_t{512} << 20};
  setrlimit(RLIMIT_AS, &little);
#endif
}

int main() {
  limit_memory();
  memoir::system_allocator memory;
  auto before = memory.allocate<int>(1000);
  before.fill(7);
  try {
    auto buffer = memory.allocate<large_struct>(1'000'000'000'000);
    std::printf("%zu structs\n", buffer.size());
  } catch (const std::bad_alloc&) {
    std::puts("there is no memory for so many");
  }
  auto fewer = memory.allocate<large_struct>(1000);
  std::printf("%zu structs, and %d is still there\n", fewer.size(), before[999]);
}
