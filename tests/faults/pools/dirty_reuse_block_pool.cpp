// A pool that is to tell who sees the bytes of another: what the first owner of a block
// wrote into it was not wiped when the second one gets it.
//
// FINDING: dirty_reuse block_pool "secrets"
//   where: second
//   alloc: second

#include <cstdio>
#include <cstring>

#include "memoir/block_pool.h"

int main() {
  memoir::block_pool<char> pool{32, 1, {.reuse = memoir::block_reuse::report_dirty}};
  pool.set_name("secrets");
  std::strcpy(pool.acquire().data(), "password");
  memoir::unique_buffer<char> second = pool.acquire();  // mark: second
  std::memset(second.data(), 0, second.size());
  second.reset();
  memoir::unique_buffer<char> third = pool.acquire();
  std::puts("done");
}
