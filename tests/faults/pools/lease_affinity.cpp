// A buffer that one thread has leased is used by another: with the lease object, and
// without any lease, also after repair() took it away.
//
// FINDING: lease_affinity arena_lease
//   where: lease
// FINDING: lease_affinity threads_arena
//   where: dropped
// FINDING: lease_affinity threads_arena
//   where: repaired

#include <cstdio>
#include <stdexcept>
#include <thread>

#include "memoir/buffer/threads_arena.h"

int main() {
  memoir::threads_arena<int> buffers{100, 2};
  {
    auto lease = buffers.lease();
    std::thread{[&] {
      lease.get().alloc(10).fill(1);  // mark: lease
    }}.join();
  }
  auto mine = buffers.alloc(10);
  std::thread{[&] {
    try {
      buffers.drop(mine);  // mark: dropped
    } catch (const std::logic_error&) {
      std::puts("no lease");
    }
  }}.join();
  buffers.repair();
  try {
    buffers.drop(mine);  // mark: repaired
  } catch (const std::logic_error&) {
    std::puts("no lease any more");
  }
}
