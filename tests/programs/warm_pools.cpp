// Rows: FR-2, ZA-P3
// Every pool once it is warm: acquiring and releasing must not allocate. A mark before
// and after each loop, with pauses, because the times of events are cut in the trace.
//
// LIBRARIES: memoir_alloc
// COMPILE: -DMEMOIR_TRACKING=1

#include <time.h>

#include <array>
#include <cstdio>
#include <string>

#include "memoir/block_pool.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "memoir/global_pools.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/sized_pool.h"
#include "memoir/slab_allocator.h"
#include "memoir/stream/round_robin_buffers.h"
#include "memoir/system_allocator.h"
#include "memoir/track.h"
#include "memoir/vector_pool.h"

namespace {

void rest() {
  const timespec pause{0, 20'000'000};
  nanosleep(&pause, nullptr);
}

template <class Round>
void warm(const char* name, Round round) {
  for (int i = 0; i < 200; ++i) round();
  const std::array<std::string, 2> marks{std::string("begin ") + name,
                                         std::string("end ") + name};
  rest();
  memoir_mark(marks[0].c_str());
  rest();
  for (int i = 0; i < 1000; ++i) round();
  rest();
  memoir_mark(marks[1].c_str());
  rest();
}

}  // namespace

int main() {
  memoir::block_pool<int> blocks(64, 8);
  warm("block_pool", [&] {
    auto one = blocks.acquire();
    auto two = blocks.acquire();
    one.data()[0] = two.data()[0] = 1;
  });

  memoir::system_allocator memory;
  memoir::memory_pool pool(memory);
  warm("memory_pool", [&] {
    auto one = pool.allocate<int>(100);
    auto two = pool.allocate<char>(3000);
    one[0] = two[0] = 1;
  });

  memoir::slab_allocator slabs(memory);
  warm("slab_allocator", [&] { slabs.free(slabs.allocate(48)); });

  memoir::vector_pool<char> vectors(4096);
  warm("vector_pool", [&] { vectors.acquire()->push_back('x'); });

  memoir::sized_pool bytes;
  warm("sized_pool", [&] {
    auto one = bytes.acquire(1000);
    auto two = bytes.acquire(70'000);
    one.span()[0] = two.span()[0] = std::byte{1};
  });

  auto& global = memoir::global_pools();
  warm("global_pools", [&] {
    auto small = global.small();
    auto some = global.get(2048);
  });

  memoir::tensor_arena<double> tensors(1000);
  warm("tensor_arena", [&] {
    auto one = tensors.alloc(10, 10);
    tensors.drop(one);
  });

  memoir::round_robin_buffers turns(4, 4096);
  warm("round_robin_buffers", [&] { auto lease = turns.get_next(); });

  std::puts("warm");
}
