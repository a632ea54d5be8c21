// The misuse matrix: arenas of bytes. See misuse_matrix.h.

#include <optional>
#include <span>
#include <vector>

#include "memoir/arena.h"
#include "memoir/scoped_allocator.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_arenas {
namespace {

CLEAN(arena) {
  arena scratch{256, {.extendable = true}};
  const std::span<int> row = scratch.allocate<int>(10);
  for (int& one : row) one = 1;
  std::pmr::vector<int> list{{1, 2, 3}, &scratch};
  list.push_back(4);
  EXPECT_TRUE(scratch.try_allocate(1000).has_value());
  scratch.deallocate(row.data(), row.size_bytes());
  std::pmr::vector<int>{&scratch}.swap(list);
  EXPECT_EQ(scratch.verify(), 0u);
  scratch.reset();
  scratch.hand_over();
  on_another_thread([&] { EXPECT_NE(scratch.allocate(10), nullptr); });
}

MISUSE(arena, double_free) {
  arena scratch{256};
  scratch.set_name(run.name());
  void* const block = (run.allocates(), scratch.allocate(32));
  run.releases(), scratch.deallocate(block, 32);
  run.act([&](auto... at) { scratch.deallocate(block, 32, 8, at...); });
}

MISUSE_PMR(arena, double_free) {
  arena scratch{256};
  void* const block = (run.allocates(), scratch.allocate(32));
  run.releases(), scratch.deallocate(block, 32);
  run.act([&] { pmr_deallocate(scratch, block, 32); });
}

MISUSE(arena, invalid_free) {
  arena scratch{256};
  int local = 0;
  run.act([&](auto... at) { scratch.deallocate(&local, 4, 4, at...); });
}

MISUSE_PMR(arena, invalid_free) {
  arena scratch{256};
  auto* const block = (run.allocates(), scratch.allocate<int>(8).data());
  run.act([&] { pmr_deallocate(scratch, block + 1, 4); });
}

MISUSE(arena, foreign_return) {
  arena scratch{256}, other{256};
  void* const block = (run.allocates(), other.allocate(32));
  run.act([&](auto... at) { scratch.deallocate(block, 32, 8, at...); });
}

MISUSE_PMR(arena, foreign_return) {
  arena scratch{256}, other{256};
  std::pmr::vector<int> list{&other};
  run.allocates([&] { list.reserve(8); });
  run.act([&] { pmr_deallocate(scratch, list.data(), 32); });
}

MISUSE(arena, alloc_dealloc_mismatch) {
  arena scratch{256};
  void* const block = (run.allocates(), scratch.allocate(32));
  run.act([&](auto... at) { scratch.deallocate(block, 64, 8, at...); });
}

MISUSE_PMR(arena, alloc_dealloc_mismatch) {
  arena scratch{256};
  void* const block = (run.allocates(), scratch.allocate(32));
  run.act([&] { pmr_deallocate(scratch, block, 16); });
}

MISUSE(arena, use_after_reset) {
  if (run.is_undefined()) return;
  arena scratch{256};
  const std::span<int> row = (run.allocates(), scratch.allocate<int>(8));
  run.releases(), scratch.reset();
  row[3] = 1;
  run.find([&](auto... at) { scratch.verify(at...); });
}

MISUSE_BY(arena, use_after_reset, the_next_block) {
  if (run.is_undefined()) return;
  arena scratch{256};
  const std::span<int> row = (run.allocates(), scratch.allocate<int>(8));
  run.releases(), scratch.reset();
  row[3] = 1;
  run.find(
      [&](auto... at) { run.here(), static_cast<void>(scratch.allocate(64, 4, at...)); });
}

MISUSE_BY(arena, use_after_reset, a_release) {
  arena scratch{256};
  void* const block = (run.allocates(), scratch.allocate(32));
  run.releases(), scratch.reset();
  run.act([&](auto... at) { scratch.deallocate(block, 32, 8, at...); });
}

MISUSE_PMR(arena, use_after_reset) {
  arena scratch{256};
  void* const block = (run.allocates(), scratch.allocate(32));
  run.releases(), scratch.reset();
  run.act([&] { pmr_deallocate(scratch, block, 32); });
}

MISUSE(arena, pool_overflow) {
  if (run.is_undefined()) return;
  arena scratch{256};
  const std::span<int> row = (run.allocates(), scratch.allocate<int>(8));
  row.data()[8] = 1;
  run.find([&](auto... at) { scratch.verify(at...); });
}

MISUSE_BY(arena, pool_overflow, a_reset) {
  if (run.is_undefined()) return;
  arena scratch{256};
  const std::span<int> row = (run.allocates(), scratch.allocate<int>(8));
  row.data()[-1] = 1;
  run.find([&](auto... at) { scratch.reset(at...); });
}

MISUSE_PMR(arena, pool_overflow) {
  if (run.is_undefined()) return;
  arena scratch{256};
  std::pmr::vector<int> list{&scratch};
  run.allocates([&] { list.reserve(8); });
  list.data()[8] = 1;
  run.find([&] { std::pmr::vector<int>{&scratch}.swap(list); });
}

MISUSE(arena, capacity_exceeded) {
  arena scratch{64};
  scratch.set_name(run.name());
  run.act_throws<std::bad_alloc>(
      [&](auto... at) { run.here(), static_cast<void>(scratch.allocate(65, 8, at...)); });
  EXPECT_EQ(scratch.try_allocate(65).error(), errc::capacity_exceeded);
}

MISUSE_BY(arena, capacity_exceeded, elements) {
  arena scratch{64};
  run.act_throws<std::bad_alloc>([&](auto... at) {
    run.here(), static_cast<void>(scratch.allocate<int>(17, at...));
  });
}

MISUSE_PMR(arena, capacity_exceeded) {
  arena scratch{64};
  std::pmr::vector<int> list{&scratch};
  run.act_throws<std::bad_alloc>([&] { list.resize(17); });
}

MISUSE(arena, bad_size) {
  run.act_throws<std::bad_array_new_length>(
      [&](auto... at) { run.here(), arena(kTooMany, {}, kHeap, at...); });
}

MISUSE_BY(arena, bad_size, an_alignment) {
  arena scratch{64};
  scratch.set_name(run.name());
  run.act_throws<std::bad_alloc>(
      [&](auto... at) { run.here(), static_cast<void>(scratch.allocate(8, 3, at...)); });
  EXPECT_EQ(scratch.position(), 0u);
}

MISUSE_PMR(arena, bad_size) {
  arena scratch{64};
  run.act_throws<std::bad_alloc>([&] { pmr_allocate(scratch, 8, 3); });
}

MISUSE(arena, size_overflow) {
  arena scratch{64};
  scratch.set_name(run.name());
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), static_cast<void>(scratch.allocate<int>(kTooMany / 2, at...));
  });
}

MISUSE_BY(arena, size_overflow, a_result) {
  arena scratch{64};
  errc error{};
  run.act([&](auto... at) {
    run.here(), error = scratch.try_allocate(kTooMany, 1, at...).error();
  });
  EXPECT_EQ(error, errc::size_overflow);
}

MISUSE_PMR(arena, size_overflow) {
  arena scratch{64};
  run.act_throws<std::bad_alloc>([&] { pmr_allocate(scratch, kTooMany); });
}

MISUSE(arena, dirty_reuse) {
  arena scratch{256, {.content = arena_content::reported}};
  scratch.set_name(run.name());
  static_cast<void>(scratch.allocate(32));
  scratch.reset();
  run.act(
      [&](auto... at) { run.here(), static_cast<void>(scratch.allocate(32, 8, at...)); });
}

MISUSE_PMR(arena, dirty_reuse) {
  arena scratch{256, {.content = arena_content::reported}};
  static_cast<void>(scratch.allocate(32));
  scratch.reset();
  run.act([&] { pmr_allocate(scratch, 32); });
}

MISUSE(arena, unsynchronized_use) {
  arena scratch{256};
  static_cast<void>(scratch.allocate(32));
  run.act([&](auto... at) {
    on_another_thread(
        [&] { run.here(), static_cast<void>(scratch.allocate(32, 8, at...)); });
  });
}

MISUSE_BY(arena, unsynchronized_use, a_reset) {
  arena scratch{256};
  static_cast<void>(scratch.allocate(32));
  run.act([&](auto... at) { on_another_thread([&] { scratch.reset(at...); }); });
}

MISUSE_BY(arena, unsynchronized_use, giving_memory_back) {
  arena scratch{256, {.extendable = true}};
  static_cast<void>(scratch.allocate(32));
  run.act([&](auto... at) { on_another_thread([&] { scratch.shrink_to_fit(at...); }); });
}

MISUSE_BY(arena, unsynchronized_use, a_release) {
  arena scratch{256};
  void* const block = scratch.allocate(32);
  run.act([&](auto... at) {
    on_another_thread([&] { run.here(), scratch.deallocate(block, 32, 8, at...); });
  });
}

CLEAN(scoped_allocator) {
  scoped_allocator scope;
  buffer<int> numbers = scope.allocate<int>(100, zero::yes);
  numbers[99] = 1;
  EXPECT_NE(scope.allocate(64), nullptr);
  std::pmr::vector<int> list{{1, 2, 3}, &scope};
  list.push_back(4);
  EXPECT_EQ(scope.verify(), 0u);
  std::pmr::vector<int>{&scope}.swap(list);
  scope.hand_over();
  on_another_thread([&] {
    static_cast<void>(scope.allocate(64));
    scope.dispose();
  });
}

MISUSE(scoped_allocator, unsupported_free) {
  scoped_allocator scope;
  scope.set_name(run.name());
  void* const block = (run.allocates(), scope.allocate(32));
  run.act_throws<std::logic_error>([&](auto... at) { scope.free(block, at...); });
}

MISUSE_BY(scoped_allocator, unsupported_free, its_base) {
  scoped_allocator scope;
  allocator& base = scope;
  void* const block = (run.allocates(), scope.allocate(32));
  run.act_throws<std::logic_error>([&](auto... at) { base.free(block, at...); });
}

MISUSE(scoped_allocator, use_after_dispose) {
  scoped_allocator scope;
  scope.set_name(run.name());
  scope.dispose();
  run.act_throws<std::logic_error>(
      [&](auto... at) { run.here(), static_cast<void>(scope.allocate(32, 8, at...)); });
}

MISUSE_BY(scoped_allocator, use_after_dispose, a_buffer) {
  scoped_allocator scope;
  scope.dispose();
  buffer<int> none;
  run.act_throws<std::logic_error>(
      [&](auto... at) { run.here(), none = scope.allocate<int>(8, zero::no, at...); });
}

MISUSE_PMR(scoped_allocator, use_after_dispose) {
  scoped_allocator scope;
  scope.dispose();
  run.act_throws<std::logic_error>([&] { pmr_allocate(scope, 32); });
}

MISUSE(scoped_allocator, use_after_reset) {
  scoped_allocator scope;
  buffer<int> numbers = (run.allocates(), scope.allocate<int>(8));
  run.releases(), scope.dispose();
  run.act([&](auto... at) { static_cast<void>(numbers.span(at...)); });
}

MISUSE_PMR(scoped_allocator, use_after_reset) {
  if (run.is_undefined()) return;
  scoped_allocator scope;
  auto* const block = (run.allocates(), static_cast<int*>(scope.allocate(32)));
  run.releases(), scope.deallocate(block, 32);
  block[1] = 1;
  run.find([&] { pmr_allocate(scope, 1000), scope.verify(site::of_thread()); });
}

MISUSE(scoped_allocator, pool_overflow) {
  if (run.is_undefined()) return;
  scoped_allocator scope;
  scope.set_name(run.name());
  buffer<int> numbers = (run.allocates(), scope.allocate<int>(8));
  numbers.data()[8] = 1;
  run.find([&](auto... at) { scope.verify(at...); });
}

MISUSE_PMR(scoped_allocator, pool_overflow) {
  if (run.is_undefined()) return;
  scoped_allocator scope;
  std::pmr::vector<int> list{&scope};
  run.allocates([&] { list.reserve(8); });
  list.data()[8] = 1;
  run.find([&] { std::pmr::vector<int>{&scope}.swap(list); });
}

MISUSE(scoped_allocator, bad_size) {
  scoped_allocator scope;
  scope.set_name(run.name());
  buffer<int> none;
  run.act_throws<std::out_of_range>(
      [&](auto... at) { run.here(), none = scope.allocate<int>(-1, zero::no, at...); });
}

MISUSE(scoped_allocator, size_overflow) {
  scoped_allocator scope;
  buffer<int> none;
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), none = scope.allocate<int>(kTooMany / 2, zero::no, at...);
  });
}

MISUSE_PMR(scoped_allocator, size_overflow) {
  scoped_allocator scope;
  scope.set_name(run.name());
  run.act_throws<std::bad_alloc>([&] { pmr_allocate(scope, kTooMany); });
}

MISUSE_PMR(scoped_allocator, double_free) {
  scoped_allocator scope;
  void* const block = (run.allocates(), scope.allocate(32));
  run.releases(), scope.deallocate(block, 32);
  run.act([&] { pmr_deallocate(scope, block, 32); });
}

MISUSE_PMR(scoped_allocator, invalid_free) {
  scoped_allocator scope;
  int local = 0;
  run.act([&] { pmr_deallocate(scope, &local, 4); });
}

MISUSE_PMR(scoped_allocator, foreign_return) {
  scoped_allocator scope, other;
  void* const block = (run.allocates(), other.allocate(32));
  run.act([&] { pmr_deallocate(scope, block, 32); });
}

MISUSE_PMR(scoped_allocator, alloc_dealloc_mismatch) {
  scoped_allocator scope;
  void* const block = (run.allocates(), scope.allocate(32));
  run.act([&] { pmr_deallocate(scope, block, 64); });
}

MISUSE(scoped_allocator, unsynchronized_use) {
  scoped_allocator scope;
  static_cast<void>(scope.allocate(32));
  run.act([&](auto... at) {
    on_another_thread(
        [&] { run.here(), static_cast<void>(scope.allocate(32, 8, at...)); });
  });
}

MISUSE_BY(scoped_allocator, unsynchronized_use, a_dispose) {
  scoped_allocator scope;
  static_cast<void>(scope.allocate(32));
  run.act([&](auto... at) { on_another_thread([&] { scope.dispose(at...); }); });
}

}  // namespace
}  // namespace memoir::matrix_of_arenas
