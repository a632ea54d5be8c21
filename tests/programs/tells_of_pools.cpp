// Rows: PT-4, PT-17, ZA-36, FR-5, FR-30, FQ-12, FQ-22, FQ-24, FQ-25, FQ-29, BJ-U3, BJ-U7
// What happens to pools and their blocks besides coming and going: the lines below are
// what the trace is to name.
//
// LIBRARIES: memoir_alloc
// COMPILE: -DMEMOIR_TRACKING=1

#include <array>
#include <cstdio>
#include <memory_resource>
#include <thread>
#include <utility>
#include <vector>

#include "memoir/block_pool.h"
#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "memoir/defer_scope.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/sized_pool.h"
#include "memoir/stream/byte_ring.h"
#include "memoir/stream/double_buffer.h"
#include "memoir/stream/record_buffer.h"
#include "memoir/stream/spsc_byte_ring.h"
#include "memoir/system_allocator.h"
#include "memoir/ziggy.h"

namespace {

void hand_over() {
  memoir::block_pool<int> pool{16, 4};
  pool.set_name("handed over");
  memoir::unique_buffer<int> first = pool.acquire();
  memoir::unique_buffer<int> second = pool.acquire();
  std::thread other([&] {
    memoir::unique_buffer<int> mine = std::move(first);  // line: hand_over move
    second.reset();                                      // line: hand_over reset
  });
  other.join();
}

void move_a_lot() {
  memoir::unique_buffer<char> one(100);
  memoir::unique_buffer<char> other;
  for (int i = 0; i < 100'000; ++i) {
    other = std::move(one);
    one = std::move(other);
  }
  one.reset();  // line: moves
}

void share() {
  memoir::block_pool<int> pool{16, 4};
  pool.set_name("shared");
  memoir::shared_buffer<int> owner{pool.acquire()};  // line: share first
  const memoir::shared_buffer<int> kept{owner};      // line: share second
  std::thread other([&] {
    const memoir::shared_buffer<int> brief{owner};  // line: share third
  });
  other.join();
}

void grow_and_trim() {
  memoir::tensor_arena<double> arena(10);
  arena.set_name("grows");
  for (int i = 0; i < 2; ++i) {
    auto tensor = arena.alloc(100);  // line: grow arena
    arena.drop(tensor);
  }
  arena.set_extendable(false);  // line: policy
  arena.reset();
  arena.shrink_to_fit();  // line: trim arena

  memoir::sized_pool pool;
  pool.set_name("sized");
  for (int i = 0; i < 5; ++i) {
    auto buffer = pool.acquire(1000);  // line: miss
    buffer.resize(1010);               // line: grow pool
  }
  pool.clear();  // line: trim pool
}

void decide() {
  memoir::hybrid_allocator memory{memoir::Z::default_allocator()};
  for (int i = 0; i < 3; ++i) {
    const auto few = memory.allocate<double>(128);   // line: decide slab
    const auto many = memory.allocate<double>(129);  // line: decide system
  }
}

void stream() {
  memoir::byte_ring ring{1000};
  std::array<std::byte, 100> bytes{};
  for (int i = 0; i < 10'000; ++i) {
    if (ring.write(bytes) != bytes.size()) return;
    ring.read(bytes);
  }
  ring.clear();  // line: clear ring

  memoir::spsc_byte_ring two_sides{1000};
  for (int i = 0; i < 10'000; ++i) {
    if (two_sides.write(bytes) != bytes.size()) return;
    two_sides.read(bytes);
  }
}

void batches() {
  memoir::record_buffer<int> records{10};
  std::pmr::vector<int> taken;
  for (int i = 0; i < 1000; ++i) {
    for (int record = 0; record < 10; ++record) {
      if (!records.try_push(record)) return;
    }
    records.drain_into(taken);  // line: drain
  }
  if (!records.try_push(1)) return;
  records.clear();  // line: clear records

  memoir::double_buffer<int> halves{10};
  for (int i = 0; i < 1000; ++i) {
    auto batch = halves.begin_write();
    batch.push(0);
    batch.clear();  // line: clear batch
    for (int record = 0; record < 9; ++record) batch.push(record);
    std::move(batch).publish();  // line: publish
    const auto read = halves.read_next();
  }
}

void wait_for_a_lease() {
  memoir::threads_arena<int> arenas(10, 1);
  auto held = arenas.lease();
  std::thread other([&] {
    const auto late = arenas.lease();  // line: wait
  });
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  held.reset();
  other.join();
}

void defer() {
  memoir::defer_scope scope;
  scope.defer([] {});  // line: defer
}

}  // namespace

int main() {
  hand_over();
  move_a_lot();
  share();
  grow_and_trim();
  decide();
  stream();
  batches();
  wait_for_a_lease();
  defer();
  std::puts("done");
}
