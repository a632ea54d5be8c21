// The misuse matrix: pools of blocks of one size. See misuse_matrix.h.

#include <list>
#include <optional>
#include <string>

#include "memoir/block_pool.h"
#include "memoir/block_pool_resource.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_pools {
namespace {

CLEAN(block_pool) {
  block_pool<int> pool(8, 2, {.reuse = block_reuse::wipe});
  unique_buffer<int> one = pool.acquire();
  unique_buffer<int> two = pool.acquire();
  EXPECT_FALSE(pool.try_acquire().has_value());
  one[7] = two[0] = 1;
  EXPECT_TRUE(pool.give_back(one.release().detach()));
  two = pool.acquire();
  EXPECT_EQ(pool.verify(), 0u);
}

MISUSE(block_pool, double_return) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 2);
  pool.set_name(run.name());
  int* const block = (run.allocates(), pool.acquire().release().detach());
  run.releases(), pool.give_back(block);
  run.act([&](auto... at) { EXPECT_FALSE(pool.give_back(block, at...)); });
  EXPECT_EQ(pool.available(), 2u);
}

MISUSE_BY(block_pool, double_return, its_buffer) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  run.releases(), pool.give_back(buffer.get());
  run.act([&](auto... at) { buffer.reset(at...); });
}

MISUSE_BY(block_pool, double_return, the_end_of_its_buffer) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 2);
  std::optional<unique_buffer<int>> buffer{(run.allocates(), pool.acquire())};
  run.releases(), pool.give_back(buffer->get());
  run.act([&] { buffer.reset(); });
}

MISUSE(block_pool, foreign_return) {
  block_pool<int> pool(8, 2), other(8, 2);
  pool.set_name(run.name());
  int* const block = (run.allocates(), other.acquire().release().detach());
  run.act([&](auto... at) { EXPECT_FALSE(pool.give_back(block, at...)); });
  EXPECT_TRUE(other.give_back(block));
}

MISUSE(block_pool, invalid_free) {
  block_pool<int> pool(8, 2);
  int local = 0;
  run.act([&](auto... at) { EXPECT_FALSE(pool.give_back(&local, at...)); });
}

MISUSE_BY(block_pool, invalid_free, an_address_within) {
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  run.act([&](auto... at) { EXPECT_FALSE(pool.give_back(buffer.get() + 1, at...)); });
}

MISUSE(block_pool, use_after_return) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  int* const stale = buffer.get();
  run.releases(), buffer.reset();
  stale[3] = 1;
  run.find([&](auto... at) { pool.verify(at...); });
}

MISUSE_BY(block_pool, use_after_return, the_next_owner) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 1);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  int* const stale = buffer.get();
  run.releases(), buffer.reset();
  stale[3] = 1;
  run.find([&](auto... at) { buffer = pool.acquire(at...); });
}

MISUSE_BY(block_pool, use_after_return, a_view) {
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  const buffer_view<int> view = buffer.view();
  run.releases(), buffer.reset();
  run.act([&](auto... at) { EXPECT_EQ(view.check(at...), !is_tracking); });
}

MISUSE(block_pool, stale_handle) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 1);
  unique_buffer<int> old = pool.acquire();
  pool.give_back(old.get());
  unique_buffer<int> young = (run.allocates(), pool.acquire());
  run.act([&](auto... at) { EXPECT_EQ(old.span(at...).data(), young.data()); });
  static_cast<void>(old.release().detach());
}

MISUSE(block_pool, pool_overflow) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  buffer.data()[8] = 1;
  run.find([&](auto... at) { pool.verify(at...); });
}

MISUSE_BY(block_pool, pool_overflow, its_return) {
  if (run.is_undefined()) return;
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  buffer.data()[-1] = 1;
  run.find([&](auto... at) { buffer.reset(at...); });
}

MISUSE(block_pool, pool_exhausted) {
  block_pool<int> pool(8, 1);
  pool.set_name(run.name());
  unique_buffer<int> all = pool.acquire();
  run.act_throws<pool_exhausted>([&](auto... at) { auto none = pool.acquire(at...); });
}

MISUSE(block_pool, bad_size) {
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), block_pool<int>(0, 2, {}, at...); });
}

MISUSE(block_pool, size_overflow) {
  run.act_throws<std::bad_array_new_length>(
      [&](auto... at) { run.here(), block_pool<int>(8, kTooMany, {}, at...); });
}

MISUSE(block_pool, wrong_location) {
  const block_pool_options options{.location = memory_location::device};
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), block_pool<std::string>(1, 1, options, at...); });
}

MISUSE(block_pool, dirty_reuse) {
  block_pool<int> pool(8, 1, {.reuse = block_reuse::report_dirty});
  pool.acquire()[0] = 1;
  unique_buffer<int> next;
  run.act([&](auto... at) { run.allocates(), next = pool.acquire(at...); });
  next[0] = 0;
}

MISUSE(block_pool, pool_destroyed_with_live_blocks) {
  std::optional<block_pool<int>> pool{std::in_place, 8, 2};
  pool->set_name(run.name());
  unique_buffer<int> buffer = (run.allocates(), pool->acquire());
  run.act([&] { pool.reset(); });
  buffer[7] = 1;  // still good
}

CLEAN(block_pool_resource) {
  block_pool_resource nodes(64, 4);
  std::pmr::list<int> list{{1, 2, 3}, &nodes};
  list.pop_front();
  list.push_back(4);
  EXPECT_EQ(nodes.pool().verify(), 0u);
}

MISUSE(block_pool_resource, pool_exhausted) {
  run.by("block_pool");
  block_pool_resource nodes(64, 1);
  nodes.pool().set_name(run.name());
  void* const all = nodes.allocate(64);
  run.act_throws<std::bad_alloc>(
      [&](auto... at) { run.here(), static_cast<void>(nodes.allocate(64, 8, at...)); });
  nodes.deallocate(all, 64);
}

MISUSE_PMR(block_pool_resource, pool_exhausted) {
  run.by("block_pool");
  block_pool_resource nodes(64, 1);
  nodes.pool().set_name(run.name());
  std::pmr::list<int> list{{1}, &nodes};
  run.act_throws<std::bad_alloc>([&] { list.push_back(2); });
}

MISUSE(block_pool_resource, capacity_exceeded) {
  run.by("block_pool");
  block_pool_resource nodes(64, 1);
  nodes.pool().set_name(run.name());
  run.act_throws<std::bad_alloc>(
      [&](auto... at) { run.here(), static_cast<void>(nodes.allocate(65, 8, at...)); });
}

MISUSE_PMR(block_pool_resource, capacity_exceeded) {
  run.by("block_pool");
  block_pool_resource nodes(64, 1);
  nodes.pool().set_name(run.name());
  run.act_throws<std::bad_alloc>([&] { pmr_allocate(nodes, 8, 128); });
}

MISUSE(block_pool_resource, double_return) {
  if (run.is_undefined()) return;
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  void* const block = (run.allocates(), nodes.allocate(64));
  run.releases(), nodes.deallocate(block, 64);
  run.act([&](auto... at) { nodes.deallocate(block, 64, 8, at...); });
}

MISUSE_PMR(block_pool_resource, double_return) {
  if (run.is_undefined()) return;
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  void* const block = (run.allocates(), nodes.allocate(64));
  run.releases(), nodes.deallocate(block, 64);
  run.act([&] { pmr_deallocate(nodes, block, 64); });
}

MISUSE(block_pool_resource, foreign_return) {
  run.by("block_pool");
  block_pool_resource nodes(64, 2), other(64, 2);
  void* const block = (run.allocates(), other.allocate(64));
  run.act([&](auto... at) { nodes.deallocate(block, 64, 8, at...); });
  other.deallocate(block, 64);
}

MISUSE_PMR(block_pool_resource, foreign_return) {
  run.by("block_pool");
  block_pool_resource nodes(64, 2), other(64, 2);
  void* const block = (run.allocates(), other.allocate(64));
  run.act([&] { pmr_deallocate(nodes, block, 64); });
  other.deallocate(block, 64);
}

MISUSE(block_pool_resource, invalid_free) {
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  int local = 0;
  run.act([&](auto... at) { nodes.deallocate(&local, 64, 8, at...); });
}

MISUSE_PMR(block_pool_resource, invalid_free) {
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  auto* const block = (run.allocates(), static_cast<std::byte*>(nodes.allocate(64)));
  run.act([&] { pmr_deallocate(nodes, block + 8, 8); });
  nodes.deallocate(block, 64);
}

MISUSE(block_pool_resource, alloc_dealloc_mismatch) {
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  void* const block = (run.allocates(), nodes.allocate(48));
  run.act([&](auto... at) { nodes.deallocate(block, 56, 8, at...); });
  EXPECT_EQ(nodes.pool().available(), 2u);
}

MISUSE_PMR(block_pool_resource, alloc_dealloc_mismatch) {
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  void* const block = (run.allocates(), nodes.allocate(48));
  run.act([&] { pmr_deallocate(nodes, block, 56); });
  EXPECT_EQ(nodes.pool().available(), 2u);
}

MISUSE(block_pool_resource, use_after_return) {
  if (run.is_undefined()) return;
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  auto* const block = (run.allocates(), static_cast<int*>(nodes.allocate(64)));
  run.releases(), nodes.deallocate(block, 64);
  block[1] = 1;
  run.find([&](auto... at) { nodes.pool().verify(at...); });
}

MISUSE(block_pool_resource, pool_overflow) {
  if (run.is_undefined()) return;
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  auto* const block = (run.allocates(), static_cast<int*>(nodes.allocate(32)));
  block[8] = 1;  // within the pool's block, but beyond what was asked for
  run.find([&](auto... at) { nodes.deallocate(block, 32, 8, at...); });
}

MISUSE_PMR(block_pool_resource, pool_overflow) {
  if (run.is_undefined()) return;
  run.by("block_pool");
  block_pool_resource nodes(64, 2);
  auto* const block = (run.allocates(), static_cast<int*>(nodes.allocate(64)));
  block[16] = 1;
  run.find([&] { pmr_deallocate(nodes, block, 64); });
}

MISUSE(block_pool_resource, bad_size) {
  run.by("block_pool");
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), block_pool_resource(64, 0, {}, at...); });
}

MISUSE(block_pool_resource, size_overflow) {
  run.by("block_pool");
  run.act_throws<std::bad_array_new_length>(
      [&](auto... at) { run.here(), block_pool_resource(64, kTooMany, {}, at...); });
}

MISUSE_PMR(block_pool_resource, dirty_reuse) {
  run.by("block_pool");
  block_pool_resource nodes(64, 1, {.reuse = block_reuse::report_dirty});
  { const std::pmr::list<int> list{{1}, &nodes}; }
  run.act([&] { run.allocates(), std::pmr::list<int>{{2}, &nodes}; });
}

MISUSE(block_pool_resource, pool_destroyed_with_live_blocks) {
  run.by("block_pool");
  std::optional<block_pool_resource> nodes{std::in_place, 64, 2};
  nodes->pool().set_name(run.name());
  const unique_buffer<std::byte> block = (run.allocates(), nodes->pool().acquire());
  run.act([&] { nodes.reset(); });
}

}  // namespace
}  // namespace memoir::matrix_of_pools
