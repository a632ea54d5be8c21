// Several threads, each with a buffer of its own for as long as it holds the lease.
// Rows: BJ-E5, BJ-4, BJ-16

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "memoir/buffer/threads_arena.h"

int main() {
  memoir::threads_arena<double> buffers{1000, 3};  // three buffers of 1000 elements
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int t = 1; t <= 10; ++t) {  // more threads than buffers: they wait
    threads.emplace_back([&, t] {
      const auto lease = buffers.lease();
      auto a = lease->alloc(10, 10);
      a.fill(t);
      for (double x : a) sum += static_cast<int>(x);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%zu buffers, %zu leased, sum %d\n", buffers.buffer_count(),
              buffers.leased_count(), sum.load());

  // Without a lease object: it belongs to the thread until reset().
  auto mine = buffers.alloc(10);
  mine.fill(1);
  std::printf("%zu leased, used %zu\n", buffers.leased_count(), *buffers.used());
  buffers.reset();
  std::printf("%zu leased\n", buffers.leased_count());
}
