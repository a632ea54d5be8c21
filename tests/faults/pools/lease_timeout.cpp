// A thread that ended without giving its buffer back keeps it from the others: who waits
// is told, with where it was taken; repair() gets it back.
//
// FINDING: lease_timeout threads_arena
//   where: waits
//   text:  1 of 1 are held, one by

#include <chrono>
#include <cstdio>
#include <thread>

#include "memoir/buffer/threads_arena.h"

int main() {
  memoir::threads_arena<int> buffers{100, 1};
  std::thread{[&] { buffers.alloc(10).fill(1); }}.join();
  if (!buffers.lease_for(std::chrono::milliseconds{5})) {  // mark: waits
    std::puts("nothing came back");
  }
  std::printf("%zu repaired\n", buffers.repair().size());
  buffers.lease()->alloc(10).fill(2);
}
