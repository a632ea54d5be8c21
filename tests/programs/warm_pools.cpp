// Rows: FR-2, ZA-P3
// Every pool, cache and lease of the library once it is warm: acquiring and releasing
// must not allocate. A mark before and after each loop, with pauses, because the times of
// events are cut in the trace. tests/integration/warm_pools_test.py holds the list of
// headers against what is here.
//
// LIBRARIES: memoir_alloc
// COMPILE: -DMEMOIR_TRACKING=1

#include <time.h>

#include <array>
#include <cstdio>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memoir/arena.h"
#include "memoir/auto_free.h"
#include "memoir/block_pool.h"
#include "memoir/block_pool_resource.h"
#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/small_buffer.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "memoir/global_pools.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/large_block_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/scoped_allocator.h"
#include "memoir/sized_pool.h"
#include "memoir/slab_allocator.h"
#include "memoir/stream/byte_ring.h"
#include "memoir/stream/double_buffer.h"
#include "memoir/stream/line_buffer.h"
#include "memoir/stream/readers.h"
#include "memoir/stream/record_buffer.h"
#include "memoir/stream/round_robin_buffers.h"
#include "memoir/stream/spsc_byte_ring.h"
#include "memoir/system_allocator.h"
#include "memoir/track.h"
#include "memoir/vector_pool.h"

namespace {

void rest() {
  const timespec pause{0, 20'000'000};
  nanosleep(&pause, nullptr);
}

template <class Round>
void warm(const char* name, Round round, int times = 1000) {
  for (int i = 0; i < times / 5; ++i) round();
  const std::array<std::string, 2> marks{std::string("begin ") + name,
                                         std::string("end ") + name};
  rest();
  memoir_mark(marks[0].c_str());
  rest();
  for (int i = 0; i < times; ++i) round();
  rest();
  memoir_mark(marks[1].c_str());
  rest();
}

void warm_blocks() {
  memoir::block_pool<int> blocks(64, 8);
  warm("block_pool", [&] {
    auto one = blocks.acquire();
    auto two = blocks.acquire();
    one.data()[0] = two.data()[0] = 1;
  });
  memoir::block_pool<int> common(64, 8, memoir::block_pool_options{.thread_blocks = 0});
  warm("block_pool without caches", [&] { common.acquire().data()[0] = 1; });

  memoir::block_pool_resource nodes(64, 8);
  warm("block_pool_resource", [&] { nodes.deallocate(nodes.allocate(40), 40); });
}

void warm_allocators() {
  memoir::system_allocator memory;
  memoir::memory_pool pool(memory);
  warm("memory_pool", [&] {
    auto one = pool.allocate<int>(100);
    auto two = pool.allocate<char>(3000);
    one[0] = two[0] = 1;
  });
  warm("memory_pool as resource", [&] {
    std::pmr::vector<int> list{&pool};
    list.assign(100, 1);
  });
  warm("auto_free", [&] {
    memoir::auto_free work{pool, pool.allocate<int>(100).release()};
    work.data()[0] = 1;
  });
  memoir::slab_allocator slabs(memory);
  warm("slab_allocator", [&] { slabs.free(slabs.allocate(48)); });

  memoir::large_block_allocator large;
  warm("large_block_allocator", [&] { large.free(large.allocate(100'000)); });

  memoir::hybrid_allocator hybrid(memory);
  warm("hybrid_allocator", [&] {
    auto few = hybrid.allocate<double>(100);
    few[0] = 1;
  });
  warm(
      "hybrid_allocator, large",
      [&] {
        auto many = hybrid.allocate<char>(std::size_t{32} << 20);
        many[0] = 1;
      },
      20);

  memoir::scoped_allocator scope(std::size_t{1} << 20);
  warm("scoped_allocator", [&] {
    auto one = scope.allocate<int>(10);
    one[0] = 1;
  });

  memoir::small_buffer<int> kept(16);
  warm("small_buffer", [&] {
    memoir::small_buffer<int> row(16);
    row[0] = 1;
    kept = std::move(row);
  });
}

void warm_bytes() {
  memoir::vector_pool<char> vectors(4096);
  warm("vector_pool", [&] { vectors.acquire()->push_back('x'); });

  memoir::sized_pool bytes;
  warm("sized_pool", [&] {
    auto one = bytes.acquire(1000);
    auto two = bytes.acquire(70'000);
    one.span()[0] = two.span()[0] = std::byte{1};
  });
  memoir::sized_pool cached(memoir::sized_pool_options{.thread_cache = 8});
  warm("sized_pool with caches", [&] { cached.acquire(1000).span()[0] = std::byte{1}; });

  auto& global = memoir::global_pools();
  warm("global_pools", [&] {
    auto small = global.small();
    auto medium = global.medium();
    auto large = global.large();
    auto some = global.get(2048);
  });
}

void warm_arenas() {
  memoir::arena scratch(4096);
  warm("arena", [&] {
    for (int i = 0; i < 16; ++i) scratch.allocate<double>(10)[0] = 1;
    scratch.reset();
  });

  memoir::tensor_arena<double> tensors(1000);
  warm("tensor_arena", [&] {
    auto one = tensors.alloc(10, 10);
    auto two = tensors.alloc(10);
    tensors.drop(one);
    tensors.drop(two);
  });
  memoir::fixed_tensor_arena<double> fixed(1000);
  warm("fixed_tensor_arena", [&] {
    fixed.alloc(10, 10).fill(1);
    fixed.reset();
  });

  memoir::threads_arena<double> threads(1000, 2);
  warm("threads_arena", [&] {
    auto lease = threads.lease();
    lease->alloc(10, 10).fill(1);
  });
  warm("threads_arena by thread", [&] {
    threads.alloc(10, 10).fill(1);
    threads.reset();
  });
}

void warm_streams() {
  std::array<std::byte, 300> bytes{};
  memoir::byte_ring ring(1000);
  warm("byte_ring", [&] {
    if (ring.write(bytes) == bytes.size()) ring.read(bytes);
  });
  memoir::spsc_byte_ring sides(1000);
  warm("spsc_byte_ring", [&] {
    if (sides.write(bytes) == bytes.size()) sides.read(bytes);
  });

  memoir::line_buffer lines(100);
  warm("line_buffer", [&] {
    std::string_view text = "one\ntwo\nthree\n";
    memoir::span_reader reader{std::as_bytes(std::span{text})};
    if (lines.fill(reader)) {
      while (lines.read_line()) {
      }
    }
  });

  memoir::record_buffer<int> records(10);
  std::pmr::vector<int> taken;
  warm("record_buffer", [&] {
    while (records.try_push(1)) {
    }
    records.drain_into(taken);
  });

  memoir::double_buffer<int> halves(10);
  warm("double_buffer", [&] {
    auto batch = halves.begin_write();
    batch.push(1);
    std::move(batch).publish();
    const auto read = halves.read_next();
  });

  memoir::round_robin_buffers turns(4, 4096);
  warm("round_robin_buffers", [&] { auto lease = turns.get_next(); });
}

}  // namespace

int main() {
  warm_blocks();
  warm_allocators();
  warm_bytes();
  warm_arenas();
  warm_streams();
  std::puts("warm");
}
