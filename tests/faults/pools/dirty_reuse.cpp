// A buffer that held another's bytes is lent again without being zeroed, in a pool that
// was told to say so.
//
// FINDING: dirty_reuse sized_pool "keys"
//   where: next
//   alloc: next

#include <cstdio>
#include <cstring>

#include "memoir/sized_pool.h"

int main() {
  memoir::sized_pool pool{{.dirty = memoir::dirty_policy::report}};
  pool.set_name("keys");
  {
    auto secret = pool.acquire(64, memoir::zero::yes);
    std::memset(secret.data(), 's', secret.size());
  }
  auto next = pool.acquire(64);  // mark: next
  auto clean = pool.acquire(64, memoir::zero::yes);
  std::puts("done");
}
