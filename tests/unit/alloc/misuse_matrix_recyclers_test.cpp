// The misuse matrix: pools that keep what comes back, by size. See misuse_matrix.h.

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "memoir/global_pools.h"
#include "memoir/pooled_bytes.h"
#include "memoir/sized_pool.h"
#include "memoir/vector_pool.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_recyclers {
namespace {

CLEAN(sized_pool) {
  sized_pool pool{{.dirty = dirty_policy::scrub}};
  pooled_bytes one = pool.acquire(1000, zero::yes);
  one[999] = std::byte{1};
  EXPECT_TRUE(pool.give_back(one));
  pooled_bytes two = pool.acquire(1000);
  two.resize(10'000);
  { const std::pmr::vector<int> list({1, 2, 3}, pool.as_resource()); }
  EXPECT_EQ(pool.verify(), 0u);
}

CLEAN(global_pools) {
  pooled_bytes one = global_pools().get(1000);
  one[999] = std::byte{1};
  one.resize(100'000);
  EXPECT_FALSE(global_pools().try_get(0));
  one.release();
  clear_global_pools();
}

// Of both alike; `pool` is a pool of one's own, or a global one.
template <void (*misuse)(misuse_run&, sized_pool&)>
void in_own_pool(misuse_run& run) {
  sized_pool pool;
  pool.set_name(run.name());
  misuse(run, pool);
}
template <void (*misuse)(misuse_run&, sized_pool&)>
void in_global_pool(misuse_run& run) {
  run.by("sized_pool", "global small");
  misuse(run, global_pools().pool_for(1000));
  clear_global_pools();
}
#define MISUSE_OF_SIZED_POOLS(kind, what, function)        \
  MISUSE_AS(sized_pool, kind, what, in_own_pool<function>) \
  MISUSE_AS(global_pools, kind, what, in_global_pool<function>)

void acquire_nothing(misuse_run& run, sized_pool& pool) {
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), static_cast<void>(pool.acquire(0, zero::no, at...));
  });
}
MISUSE_OF_SIZED_POOLS(bad_size, no_bytes, acquire_nothing)

void acquire_too_much(misuse_run& run, sized_pool& pool) {
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), static_cast<void>(pool.acquire(kTooMany, zero::no, at...));
  });
}
MISUSE_OF_SIZED_POOLS(size_overflow, a_size, acquire_too_much)

void allocate_too_much(misuse_run& run, sized_pool& pool) {
  run.act_throws<std::bad_array_new_length>(
      [&] { pmr_allocate(*pool.as_resource(), kTooMany); });
}
MISUSE_OF_SIZED_POOLS(size_overflow, a_container, allocate_too_much)

void give_back_to_another(misuse_run& run, sized_pool& pool) {
  sized_pool other;
  pooled_bytes buffer = (run.allocates(), other.acquire(1000));
  errc error{};
  run.act([&](auto... at) { error = pool.give_back(buffer, at...).error(); });
  EXPECT_EQ(error, errc::foreign_buffer);
}
MISUSE_OF_SIZED_POOLS(foreign_return, a_buffer, give_back_to_another)

void deallocate_in_another(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  sized_pool other;
  void* const block = (run.allocates(), other.as_resource()->allocate(1000));
  run.act([&] { pmr_deallocate(*pool.as_resource(), block, 1000); });
  other.as_resource()->deallocate(block, 1000);
}
MISUSE_OF_SIZED_POOLS(foreign_return, a_container, deallocate_in_another)

void deallocate_twice(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  void* const block = (run.allocates(), pool.as_resource()->allocate(1000));
  run.releases(), pool.as_resource()->deallocate(block, 1000);
  run.act([&] { pmr_deallocate(*pool.as_resource(), block, 1000); });
}
MISUSE_OF_SIZED_POOLS(double_return, a_container, deallocate_twice)

void return_its_block_twice(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  pooled_bytes buffer = (run.allocates(), pool.acquire(1000));
  run.releases(), pool.as_resource()->deallocate(buffer.data(), 1000);
  run.act([&](auto... at) { buffer.release(at...); });
}
MISUSE_OF_SIZED_POOLS(double_return, its_buffer, return_its_block_twice)

void deallocate_what_it_never_had(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  std::array<std::byte, 1000> local;
  run.act([&] { pmr_deallocate(*pool.as_resource(), local.data(), 1000); });
}
MISUSE_OF_SIZED_POOLS(invalid_free, a_container, deallocate_what_it_never_had)

void deallocate_as_larger(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  void* const block = (run.allocates(), pool.as_resource()->allocate(1000));
  run.act([&] {
    run.releases(site::of_thread()), pmr_deallocate(*pool.as_resource(), block, 5000);
  });
}
MISUSE_OF_SIZED_POOLS(undersized_reuse, a_container, deallocate_as_larger)

void deallocate_as_smaller(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  void* const block = (run.allocates(), pool.as_resource()->allocate(1000));
  run.act([&] {
    run.releases(site::of_thread()), pmr_deallocate(*pool.as_resource(), block, 100);
  });
}
MISUSE_OF_SIZED_POOLS(alloc_dealloc_mismatch, a_container, deallocate_as_smaller)

void write_after_its_return(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  pooled_bytes buffer = (run.allocates(), pool.acquire(1000));
  const std::span<std::byte> stale = buffer.span();
  run.releases(), buffer.release();
  stale[3] = std::byte{1};
  run.find([&](auto... at) { pool.verify(at...); });
}
MISUSE_OF_SIZED_POOLS(use_after_return, a_look, write_after_its_return)

void write_beyond_a_buffer(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  pooled_bytes buffer = (run.allocates(), pool.acquire(1000));
  buffer.data()[1000] = std::byte{1};
  run.find([&](auto... at) { pool.verify(at...); });
}
MISUSE_OF_SIZED_POOLS(pool_overflow, a_look, write_beyond_a_buffer)

void write_beyond_a_container(misuse_run& run, sized_pool& pool) {
  if (run.is_undefined()) return;
  std::pmr::vector<int> list{pool.as_resource()};
  run.allocates([&] { list.reserve(8); });
  list.data()[8] = 1;
  run.find([&] { std::pmr::vector<int>{pool.as_resource()}.swap(list); });
}
MISUSE_OF_SIZED_POOLS(pool_overflow, a_container, write_beyond_a_container)

// In a pool of size classes: as many bytes of each class as there ever are at once.
void keep_much_more_than_is_used(misuse_run& run, sized_pool& pool) {
  run.act([&] {
    run.allocates(site::of_thread()), run.releases(site::of_thread());
    for (std::size_t size = 2048; size < 200'000; size = pool.capacity_for(size + 1)) {
      std::vector<pooled_bytes> many;
      for (std::size_t all = 0; all + size <= 256'000; all += size) {
        many.push_back(pool.acquire(size, zero::no, site::of_thread()));
      }
    }
  });
}
MISUSE_AS(sized_pool, over_retention, many_sizes,
          in_own_pool<keep_much_more_than_is_used>)

MISUSE(global_pools, over_retention) {
  static constexpr std::size_t kSizes[] = {1000, 50'000, 1'000'000};
  static constexpr const char* kNames[] = {"global small", "global medium",
                                           "global large"};
  static std::size_t next = 0;  // each tells it once
  if (next == std::size(kSizes)) return run.skip();
  run.by("sized_pool", kNames[next]);
  keep_much_more_than_is_used(run, global_pools().pool_for(kSizes[next++]));
  clear_global_pools();
}

MISUSE(sized_pool, pool_exhausted) {
  sized_pool pool{{.max_outstanding = 1}};
  pool.set_name(run.name());
  const pooled_bytes all = pool.acquire(1000);
  run.act_throws<pool_exhausted>([&](auto... at) {
    run.here(), static_cast<void>(pool.acquire(1000, zero::no, at...));
  });
  EXPECT_EQ(pool.try_acquire(1000).error(), errc::pool_exhausted);
}

MISUSE_PMR(sized_pool, pool_exhausted) {
  sized_pool pool{{.max_outstanding = 1}};
  pool.set_name(run.name());
  const pooled_bytes all = pool.acquire(1000);
  run.act_throws<pool_exhausted>([&] { pmr_allocate(*pool.as_resource(), 1000); });
}

MISUSE(sized_pool, dirty_reuse) {
  sized_pool pool{{.dirty = dirty_policy::report}};
  pool.acquire(1000)[0] = std::byte{1};
  pooled_bytes next;
  run.act([&](auto... at) {
    run.here(), run.allocates(at...), next = pool.acquire(1000, zero::no, at...);
  });
}

MISUSE(sized_pool, pool_destroyed_with_live_blocks) {
  std::optional<sized_pool> pool{std::in_place};
  pool->set_name(run.name());
  pooled_bytes buffer = (run.allocates(), pool->acquire(1000));
  run.act([&] { pool.reset(); });
  buffer[999] = std::byte{1};  // still good
}

CLEAN(pooled_bytes) {
  sized_pool pool;
  pooled_bytes buffer = pool.acquire(100);
  std::memset(buffer.data(), 1, 100);
  EXPECT_EQ(buffer.written_span().size(), 100u);
  EXPECT_EQ(buffer.subspan(50, 50).size(), 50u);
  buffer.resize(1000);
  buffer[999] = std::byte{1};
  buffer.clear();
  const pooled_bytes moved = std::move(buffer);
  EXPECT_TRUE(moved.valid());
}

MISUSE(pooled_bytes, stale_handle) {
  sized_pool pool;
  pooled_bytes buffer = pool.acquire(100);
  buffer.release();
  run.act_throws<std::logic_error>([&](auto... at) { buffer.data(at...); });
}

MISUSE_BY(pooled_bytes, stale_handle, an_index) {
  sized_pool pool;
  pooled_bytes buffer = pool.acquire(100);
  const pooled_bytes moved = std::move(buffer);
  run.act_throws<std::logic_error>([&](auto... at) { buffer[{0, at...}] = {}; });
}

MISUSE(pooled_bytes, out_of_bounds) {
  run.by("sized_pool");
  sized_pool pool;
  pooled_bytes buffer = (run.allocates(), pool.acquire(100));
  run.act_throws<std::out_of_range>([&](auto... at) { buffer[{100, at...}] = {}; });
}

MISUSE_BY(pooled_bytes, out_of_bounds, a_part) {
  run.by("sized_pool");
  sized_pool pool;
  pooled_bytes buffer = (run.allocates(), pool.acquire(100));
  run.act_throws<std::out_of_range>([&](auto... at) { buffer.subspan(50, 51, at...); });
}

MISUSE(pooled_bytes, uninitialized_use) {
  run.by("sized_pool");
  sized_pool pool;
  pooled_bytes buffer = (run.allocates(), pool.acquire(100));
  std::memset(buffer.data(), 1, 50);
  run.act([&](auto... at) { EXPECT_EQ(buffer.written_span(at...).size(), 100u); });
}

MISUSE(pooled_bytes, size_overflow) {
  run.by("sized_pool");
  sized_pool pool;
  pooled_bytes buffer = pool.acquire(100);
  run.act_throws<std::bad_array_new_length>(
      [&](auto... at) { run.here(), buffer.resize(kTooMany, at...); });
  EXPECT_EQ(buffer.size(), 100u);
}

MISUSE(pooled_bytes, pool_overflow) {
  if (run.is_undefined()) return;
  run.by("sized_pool");
  sized_pool pool;
  pooled_bytes buffer = (run.allocates(), pool.acquire(100));
  buffer.data()[100] = std::byte{1};
  run.find([&](auto... at) { buffer.resize(1000, at...); });
}

MISUSE_BY(pooled_bytes, pool_overflow, its_end) {
  if (run.is_undefined()) return;
  run.by("sized_pool");
  sized_pool pool;
  std::optional<pooled_bytes> buffer{(run.allocates(), pool.acquire(100))};
  buffer->data()[-1] = std::byte{1};
  run.find([&] { buffer.reset(); });
}

MISUSE(pooled_bytes, use_after_return) {
  if (run.is_undefined()) return;
  run.by("sized_pool");
  sized_pool pool;
  pooled_bytes buffer = (run.allocates(), pool.acquire(100));
  std::byte* const stale = buffer.data();
  run.releases(), buffer.release();
  *stale = std::byte{1};
  run.find([&](auto... at) { run.here(), buffer = pool.acquire(100, zero::no, at...); });
}

CLEAN(vector_pool) {
  vector_pool<int> pool{16};
  auto list = pool.acquire();
  list->assign(100, 1);
  list.release();
  list = pool.acquire();
  EXPECT_EQ(list.as_vector().size(), 0u);
  auto moved = std::move(list);
  EXPECT_TRUE(moved.valid());
}

MISUSE(vector_pool, stale_handle) {
  run.by("pooled_vector");
  vector_pool<int> pool{16};
  auto list = pool.acquire();
  list.release();
  run.act_throws<std::logic_error>([&](auto... at) { list.as_vector(at...); });
}

MISUSE_BY(vector_pool, stale_handle, an_arrow) {
  run.by("pooled_vector");
  vector_pool<int> pool{16};
  auto list = pool.acquire();
  const auto moved = std::move(list);
  run.act_throws<std::logic_error>([&] { list->clear(); });
}

MISUSE(vector_pool, use_after_return) {
  if (run.is_undefined()) return;
  vector_pool<int> pool{16};
  pool.set_name(run.name());
  auto list = (run.allocates(), pool.acquire());
  int* const stale = list->data();
  run.releases(), list.release();
  stale[1] = 1;
  run.find([&](auto... at) { list = pool.acquire(at...); });
}

MISUSE(vector_pool, pool_overflow) {
  if (run.is_undefined()) return;
  vector_pool<int> pool{16};
  auto list = (run.allocates(), pool.acquire());
  list->data()[16] = 1;
  run.find([&](auto... at) { list.release(at...); });
}

MISUSE(vector_pool, over_retention) {
  vector_pool<char> pool{16, {.max_buffers = 4, .max_kept_size = 2 << 20}};
  auto list = pool.acquire();
  run.allocates([&] { list->reserve(1 << 20); });
  run.act([&](auto... at) { run.releases(), list.release(at...); });
}

MISUSE(vector_pool, bad_size) {
  const vector_pool_options options;
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), vector_pool<int>(kTooMany, options, kHeap, at...); });
}

MISUSE(vector_pool, pool_destroyed_with_live_blocks) {
  std::optional<vector_pool<int>> pool{std::in_place, 16u};
  auto list = (run.allocates(), pool->acquire());
  run.act([&] { pool.reset(); });
  list->assign(16, 1);  // still good
}

}  // namespace
}  // namespace memoir::matrix_of_recyclers
