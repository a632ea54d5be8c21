// The nth allocation fails, for every n: every type with all that it asks the heap for,
// its control blocks and books, too. Nothing leaks, and nothing but bad_alloc is thrown.

#include <functional>
#include <memory_resource>
#include <new>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "memoir/arena.h"
#include "memoir/auto_free.h"
#include "memoir/block_pool.h"
#include "memoir/block_pool_resource.h"
#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "memoir/buffer/unique_buffer.h"
#include "memoir/debug_allocator.h"
#include "memoir/defer_scope.h"
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
#include "memoir/vector_pool.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

class NthAllocationTest : public ::testing::Test {
 protected:
  // Uses a type from its beginning to its end, with the first, the second, ... allocation
  // refused, until none is. `least`: so many there are.
  void fail_everywhere(std::size_t least, const std::function<void()>& use) {
    use();  // what stays for ever is there
    std::size_t after = 0;
    for (bool failed = true; failed; ++after) {
      ASSERT_LT(after, 1000u);
      const std::ptrdiff_t live = heap_live_blocks();
      // What a thread keeps of pools that have ended goes with it.
      std::thread([&] {
        try {
          const failing_heap heap{after};
          use();
          failed = false;
        } catch (const std::bad_alloc&) {
        }
      }).join();
      EXPECT_EQ(heap_live_blocks(), live) << "the allocation after " << after;
    }
    EXPECT_GE(after, least + 1);
    EXPECT_NO_FINDING(log_);
  }
  finding_log log_;
};

TEST_F(NthAllocationTest, ZA_71_owning_buffers) {
  fail_everywhere(1, [] { unique_buffer<int> one(100); });
  fail_everywhere(2, [] {
    shared_buffer<int> one(100);
    const shared_buffer<int> two = one;
  });
  fail_everywhere(2, [] {
    unique_buffer<int> one(100);
    const shared_buffer<int> two{std::move(one)};
  });
}

TEST_F(NthAllocationTest, ZA_71_block_pools) {
  fail_everywhere(2, [] {
    block_pool<int> pool(64, 8);
    auto one = pool.acquire();
    const shared_buffer<int> two{pool.acquire()};
  });
  fail_everywhere(2, [] {
    block_pool_resource nodes(64, 8);
    std::pmr::vector<int> list{&nodes};
    list.reserve(10);
  });
}

TEST_F(NthAllocationTest, ZA_71_recycling_pools) {
  fail_everywhere(2, [] {
    vector_pool<char> pool(4096);
    auto one = pool.acquire();
    auto two = pool.acquire();
    one->resize(10'000);
  });
  for (const std::size_t kept : {0u, 8u}) {
    fail_everywhere(2, [&] {
      sized_pool_options options;
      options.thread_cache = kept;
      sized_pool pool{options};
      for (int i = 0; i < 2; ++i) {
        auto one = pool.acquire(1000);
        auto two = pool.acquire(70'000);
        one.resize(5000);
      }
      pool.shrink();
    });
  }
}

TEST_F(NthAllocationTest, ZA_71_allocators) {
  system_allocator system;
  fail_everywhere(1, [&] {
    memory_pool pool{system};
    auto one = pool.allocate<int>(100);
    auto two = pool.allocate<int>(10'000);
  });
  fail_everywhere(1, [&] {
    slab_allocator slabs{system};
    auto one = slabs.allocate<int>(10);
  });
  fail_everywhere(1, [&] {
    large_block_allocator large;
    auto one = large.allocate<int>(100'000);
  });
  fail_everywhere(1, [&] {
    hybrid_allocator hybrid{system};
    auto few = hybrid.allocate<double>(100);
    auto many = hybrid.allocate<double>(1000);
  });
  fail_everywhere(2, [&] {
    debug_allocator debug{"a name that is too long to lie within", system};
    auto one = debug.allocate<int>(10);
    auto_free work{debug, debug.allocate<int>(10).release()};
  });
  fail_everywhere(2, [&] {
    scoped_allocator scope;
    auto one = scope.allocate<int>(10);
    auto two = scope.allocate<int>(10'000);
  });
  fail_everywhere(1, [&] {
    defer_scope scope;
    allocate_deferred<int>(system, scope, 10)[9] = 1;
    const std::array<char, 200> large{};
    scope.defer([large] { static_cast<void>(large); });
  });
}

TEST_F(NthAllocationTest, ZA_71_arenas) {
  fail_everywhere(2, [] {
    arena scratch{100, {.extendable = true}};
    auto one = scratch.allocate<int>(10);
    auto two = scratch.allocate<int>(1000);
    one[0] = two[0] = 1;
  });
  fail_everywhere(2, [] {
    tensor_arena<double> tensors(10);
    auto one = tensors.alloc(3, 3);
    auto two = tensors.alloc(30, 30);
    auto three = tensors.alloc(5);
    tensors.drop(one);  // waits for those above it
    tensors.drop(three, two);
  });
  fail_everywhere(1, [] {
    fixed_tensor_arena<double> tensors(10);
    tensors.alloc(3, 3).fill(1);
  });
  fail_everywhere(3, [] {
    threads_arena<double> threads(10, 3);
    auto lease = threads.lease();
    lease->alloc(3, 3).fill(1);
    threads.alloc(30).fill(2);
    threads.reset();
  });
  fail_everywhere(1, [] {
    sizing_arena<double> plan;
    auto one = plan.alloc(10, 10);
    plan.drop(one);
  });
}

TEST_F(NthAllocationTest, ZA_71_streams) {
  fail_everywhere(1, [] { byte_ring ring{100}; });
  fail_everywhere(1, [] { spsc_byte_ring ring{100}; });
  fail_everywhere(2, [] {
    line_buffer lines{8, {.growth_limit = 100}};
    const std::string_view text = "a line that is longer than the buffer\n";
    span_reader reader{std::as_bytes(std::span{text})};
    while (!lines.read_line() && lines.fill(reader)) {
      if (lines.eof()) break;
    }
  });
  fail_everywhere(2, [] {
    record_buffer<int> records{10};
    if (!records.try_push(1)) return;
    const auto taken = records.drain();
  });
  fail_everywhere(2, [] {
    double_buffer<int> halves{10};
    auto batch = halves.begin_write();
    batch.push(1);
    std::move(batch).publish();
  });
  fail_everywhere(2, [] {
    round_robin_buffers turns{4, 100};
    auto one = turns.get_next();
  });
}

}  // namespace
}  // namespace memoir
