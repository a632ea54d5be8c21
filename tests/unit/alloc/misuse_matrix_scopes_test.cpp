// The misuse matrix: what gives memory back at the end of a scope, and what looks at
// memory of others. See misuse_matrix.h.

#include <array>
#include <optional>
#include <span>
#include <stdexcept>

#include "memoir/auto_free.h"
#include "memoir/buffer_stats.h"
#include "memoir/defer_scope.h"
#include "memoir/initialized.h"
#include "memoir/memory_pool.h"
#include "memoir/scoped_allocator.h"
#include "memoir/sized_pool.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_scopes {
namespace {

CLEAN(auto_free) {
  system_allocator system;
  const auto_free work{system, system.allocate<int>(100).release()};
  work.span()[99] = 1;
}

MISUSE(auto_free, double_free) {
  if (run.is_undefined()) return;
  run.by("system_allocator");
  system_allocator system;
  std::optional<auto_free<int>> work;
  work.emplace(system, (run.allocates(), system.allocate<int>(100).release()));
  run.releases(), system.free(work->data());
  run.act([&] { work.reset(); });
}

MISUSE(auto_free, double_return) {
  if (run.is_undefined()) return;
  run.by("memory_pool");
  system_allocator system;
  memory_pool pool{system};
  std::optional<auto_free<int>> work;
  work.emplace(pool, (run.allocates(), pool.allocate<int>(100).release()));
  run.releases(), pool.free(work->data());
  run.act([&] { work.reset(); });
}

MISUSE(auto_free, invalid_free) {
  if (run.is_undefined()) return;
  run.by("system_allocator");
  system_allocator system;
  std::array<int, 100> local{};
  std::optional<auto_free<int>> work;
  work.emplace(system, std::span{local});
  run.act([&] { work.reset(); });
}

MISUSE(auto_free, foreign_return) {
  run.by("memory_pool");
  system_allocator system;
  memory_pool pool{system};
  buffer<int> numbers = (run.allocates(), system.allocate<int>(100));
  std::optional<auto_free<int>> work;
  work.emplace(pool, numbers.span());
  run.act([&] { work.reset(); });
}

MISUSE(auto_free, unsupported_free) {
  run.by("scoped_allocator");
  scoped_allocator scope;
  std::optional<auto_free<int>> work;
  auto* const numbers = (run.allocates(), static_cast<int*>(scope.allocate(400)));
  work.emplace(scope, std::span{numbers, 100});
  run.act([&] { work.reset(); });
}

CLEAN(defer_scope) {
  system_allocator system;
  int ran = 0;
  {
    defer_scope scope;
    scope.defer([&] { ++ran; });
    allocate_deferred<int>(system, scope, 100)[99] = 1;
    scope.run();
  }
  EXPECT_EQ(ran, 1);
}

MISUSE(defer_scope, bad_deleter) {
  const auto action = [] { throw std::runtime_error("an action that throws"); };
  run.act([&](auto... at) {
    defer_scope scope;
    run.here(), scope.defer(action, at...);
  });
}

MISUSE(defer_scope, use_after_dispose) {
  defer_scope scope;
  scope.run();
  run.act_throws<std::logic_error>([&](auto... at) { scope.defer([] {}, at...); });
}

MISUSE_BY(defer_scope, use_after_dispose, an_array) {
  system_allocator all;
  defer_scope scope;
  scope.run();
  buffer_ref<int> none;
  run.act_throws<std::logic_error>([&](auto... at) {
    run.here(), none = allocate_deferred<int>(all, scope, 8, zero::no, at...);
  });
}

CLEAN(allocator) {
  system_allocator system;
  allocator& memory = system;
  EXPECT_FALSE(memory.allocate<int>(0).valid());
  EXPECT_EQ(memory.allocate<int>(100).size(), 100u);
}

MISUSE(allocator, bad_size) {
  run.by("system_allocator");
  system_allocator system;
  allocator& memory = system;
  buffer<int> none;
  run.act_throws<std::out_of_range>(
      [&](auto... at) { run.here(), none = memory.allocate<int>(-1, zero::no, at...); });
}

MISUSE(allocator, size_overflow) {
  run.by("system_allocator");
  system_allocator system;
  allocator& memory = system;
  run.act_throws<std::bad_alloc>([&](auto... at) {
    run.here(), static_cast<void>(memory.allocate(kTooMany, 16, at...));
  });
}

MISUSE(allocator, alloc_dealloc_mismatch) {
  if (run.is_undefined()) return;
  run.by("system_allocator");
  system_allocator system;
  allocator& memory = system;
  void* const block = (run.allocates(), memory.allocate(100));
  run.act([&](auto... at) { memory.deallocate(block, 200, 16, at...); });
}

CLEAN(check_initialized) {
  std::array<std::byte, 16> bytes{};
  EXPECT_TRUE(check_initialized(bytes));
}

MISUSE(check_initialized, uninitialized_use) {
  run.by("");
  sized_pool pool;
  pooled_bytes buffer = (run.allocates(), pool.acquire(100));
  bool right = false;
  run.act([&](auto... at) { right = check_initialized(buffer.span(), at...); });
  EXPECT_EQ(right, !is_tracking);
}

CLEAN(buffer_stats) {
  buffer_stats stats;
  stats.record_allocation(100);
  stats.record_deallocation(100);
  EXPECT_EQ(stats.snapshot().total_bytes, 0u);
}

MISUSE(buffer_stats, stats_underflow) {
  buffer_stats stats;
  stats.record_allocation(100);
  run.act([&](auto... at) { stats.record_deallocation(101, at...); });
  EXPECT_EQ(stats.snapshot().total_bytes, 0u);
}

}  // namespace
}  // namespace memoir::matrix_of_scopes
