// The misuse matrix: views on buffers, buffers that were released, and the buffers of
// allocators. See misuse_matrix.h.

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "memoir/block_pool.h"
#include "memoir/buffer/buffer.h"
#include "memoir/buffer/buffer_ref.h"
#include "memoir/buffer/buffer_view.h"
#include "memoir/buffer/released_buffer.h"
#include "memoir/buffer/small_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "memoir/memory_pool.h"
#include "memoir/scoped_allocator.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/device_resource.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_views {
namespace {

constexpr auto kOnHost = memory_location::host;

CLEAN(buffer_view) {
  unique_buffer<int> buffer(8);
  const buffer_view<int> view = buffer.view();
  view[7] = view.at(0) = 1;
  EXPECT_EQ(view.subview(4, 4).size(), 4u);
  EXPECT_EQ(view.as<short>().size(), 16u);
  EXPECT_TRUE(view.check());
}

MISUSE(buffer_view, out_of_bounds) {
  unique_buffer<int> buffer((run.allocates(), 8u));
  const buffer_view<int> view = buffer.view();
  run.act_throws<std::out_of_range>([&](auto... at) { view[{8, at...}] = 1; });
}

MISUSE_BY(buffer_view, out_of_bounds, a_part) {
  unique_buffer<int> buffer((run.allocates(), 8u));
  const buffer_view<int> view = buffer.view();
  run.act_throws<std::out_of_range>([&](auto... at) { view.subview(9, 0, at...); });
}

MISUSE(buffer_view, wrong_location) {
  device_resource device;
  unique_buffer<int> buffer((run.allocates(), 8u), &device, memory_location::device);
  const buffer_view<int> view = buffer.view();
  run.act([&](auto... at) { EXPECT_EQ(view.span(at...).size(), 8u); });
}

MISUSE_BY(buffer_view, wrong_location, at) {
  device_resource device;
  unique_buffer<int> buffer((run.allocates(), 8u), &device, memory_location::device);
  const buffer_view<int> view = buffer.view();
  run.act_throws<std::logic_error>([&](auto... at) { view.at(0, at...); });
}

MISUSE(buffer_view, alloc_dealloc_mismatch) {
  unique_buffer<char> buffer((run.allocates(), 7u));
  const buffer_view<char> view = buffer.view();
  run.act_throws<std::invalid_argument>([&](auto... at) { view.as<int>(at...); });
}

MISUSE(buffer_view, use_after_free) {
  run.by("buffer");
  unique_buffer<int> buffer((run.allocates(), 8u));
  const buffer_view<int> view = buffer.view();
  run.releases(), buffer.reset();
  run.act([&](auto... at) { EXPECT_EQ(view.check(at...), !is_tracking); });
}

MISUSE_BY(buffer_view, use_after_free, a_span) {
  run.by("buffer");
  unique_buffer<int> buffer((run.allocates(), 8u));
  const buffer_view<int> view = buffer.view();
  run.releases(), buffer.reset();
  run.act([&](auto... at) { static_cast<void>(view.span(at...)); });
}

MISUSE(buffer_view, use_after_return) {
  run.by("block_pool");
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = (run.allocates(), pool.acquire());
  const buffer_view<int> view = buffer.view();
  run.releases(), buffer.reset();
  run.act([&](auto... at) { static_cast<void>(view[{0, at...}]); });
}

MISUSE(buffer_view, stale_handle) {
  run.by("block_pool");
  block_pool<int> pool(8, 1);
  unique_buffer<int> buffer = pool.acquire();
  const buffer_view<int> view = buffer.view();
  buffer.reset();
  buffer = (run.allocates(), pool.acquire());
  run.act([&](auto... at) { static_cast<void>(view.byte_span(at...)); });
}

CLEAN(released_buffer) {
  unique_buffer<int> buffer(8);
  released_buffer<int> released = buffer.release();
  buffer = released.adopt();
  buffer.release().free();
  int memory[8];
  static_cast<void>(released_buffer<int>(memory, 8, [](int*) {}).detach());
}

MISUSE(released_buffer, abandoned_release) {
  run.by("buffer");
  static int memory[8];  // never given back
  unique_buffer<int> buffer((run.allocates(), memory), 8, [](int*) {});
  run.act([&](auto... at) { run.here(), static_cast<void>(buffer.release(at...)); });
}

MISUSE_BY(released_buffer, abandoned_release, assignment) {
  run.by("buffer");
  static int memory[8];  // never given back
  unique_buffer<int> buffer((run.allocates(), memory), 8, [](int*) {});
  released_buffer<int> released;
  run.act([&](auto... at) {
    run.here(), released = buffer.release(at...);
    released = {};
  });
}

MISUSE(released_buffer, double_free) {
  unique_buffer<int> buffer(8);
  released_buffer<int> released = buffer.release();
  released.free();
  run.act([&](auto... at) { released.free(at...); });
}

MISUSE_BY(released_buffer, double_free, two_owners) {
  if (run.is_undefined()) return;
  run.by("buffer");
  int memory[8];
  const auto nothing = [](int*) {};
  released_buffer<int> one(memory, 8, nothing);
  released_buffer<int> two((run.allocates(), memory), 8, nothing);
  run.releases(), two.free();
  run.act([&](auto... at) { one.free(at...); });
}

MISUSE(released_buffer, bad_size) {
  int* const none = nullptr;
  const auto nothing = [](int*) {};
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), released_buffer<int>(none, 8, nothing, kOnHost, at...);
  });
}

MISUSE(released_buffer, size_overflow) {
  int memory[8];
  const auto nothing = [](int*) {};
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), released_buffer<int>(memory, kTooMany, nothing, kOnHost, at...);
  });
}

MISUSE(released_buffer, alloc_dealloc_mismatch) {
  if (run.is_undefined()) return;
  const std::default_delete<int> one;
  const std::unique_ptr<int[]> memory{new int[2]};
  released_buffer<int> released;
  run.act([&](auto... at) {
    run.here(), released = released_buffer<int>(memory.get(), 2, one, kOnHost, at...);
  });
  static_cast<void>(released.detach());
}

MISUSE(released_buffer, bad_deleter) {
  run.by("buffer");
  int memory[8];
  void (*const none)(int*) = nullptr;
  released_buffer<int> released((run.allocates(), memory), 8, none);
  run.act([&](auto... at) { run.releases(), released.free(at...); });
}

CLEAN(buffer) {
  system_allocator system;
  buffer<int> numbers = system.allocate<int>(8, zero::yes);
  numbers[7] = numbers.front() = 1;
  EXPECT_EQ(numbers.subspan(4, 4).size(), 4u);
  buffer<int> moved = std::move(numbers);
  moved.fill(2);
  buffer<int> view = buffer<int>::wrap(moved.data(), 8);
  EXPECT_EQ(view[7], 2);
  view.dispose();
  moved.dispose();
  moved.dispose();
}

MISUSE(buffer, out_of_bounds) {
  system_allocator system;
  buffer<int> numbers = (run.allocates(), system.allocate<int>(8));
  run.act_throws<std::out_of_range>([&](auto... at) { numbers[{8, at...}] = 1; });
}

MISUSE_BY(buffer, out_of_bounds, a_part) {
  system_allocator system;
  buffer<int> numbers = (run.allocates(), system.allocate<int>(8));
  run.act_throws<std::out_of_range>([&](auto... at) { numbers.subspan(4, 5, at...); });
}

MISUSE_BY(buffer, out_of_bounds, a_longer_source) {
  system_allocator system;
  buffer<int> numbers = (run.allocates(), system.allocate<int>(8));
  const std::array<int, 9> nine{};
  run.act_throws<std::length_error>([&](auto... at) { numbers.copy_from(nine, at...); });
}

MISUSE_BY(buffer, out_of_bounds, wrapping) {
  system_allocator system;
  buffer<int> numbers = (run.allocates(), system.allocate<int>(8)), view;
  run.act([&](auto... at) { view = buffer<int>::wrap(numbers.data(), 9, at...); });
}

MISUSE(buffer, use_after_dispose) {
  system_allocator system;
  buffer<int> numbers = system.allocate<int>(8);
  numbers.dispose();
  run.act_throws<std::logic_error>([&](auto... at) { numbers[{0, at...}] = 1; });
}

MISUSE_BY(buffer, use_after_dispose, a_span) {
  system_allocator system;
  buffer<int> numbers = system.allocate<int>(8);
  numbers.dispose();
  run.act_throws<std::logic_error>([&](auto... at) { numbers.span(at...); });
}

MISUSE(buffer, stale_handle) {
  system_allocator system;
  buffer<int> numbers = system.allocate<int>(8);
  const buffer<int> moved = std::move(numbers);
  run.act_throws<std::logic_error>([&](auto... at) { numbers.fill(1, at...); });
}

MISUSE_BY(buffer, stale_handle, wrapping) {
  system_allocator system;
  buffer<int> numbers = system.allocate<int>(8);
  buffer<int> view = buffer<int>::wrap(numbers.data(), 8);
  numbers.dispose();
  run.act([&](auto... at) { static_cast<void>(view.span(at...)); });
}

MISUSE_BY(buffer, stale_handle, a_reused_block) {
  if (run.is_undefined()) return;
  run.by("memory_pool");
  system_allocator system;
  memory_pool pool{system};
  buffer<int> old = pool.allocate<int>(8);
  pool.free(old.data());
  buffer<int> young = (run.allocates(), pool.allocate<int>(8));
  run.act([&](auto... at) { static_cast<void>(old.span(at...)); });
  static_cast<void>(old.release());
}

MISUSE(buffer, bad_size) {
  int* const none = nullptr;
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), buffer<int>::wrap(none, 8, at...); });
}

MISUSE(buffer, use_after_free) {
  if (run.is_undefined()) return;
  run.by("system_allocator");
  system_allocator system;
  buffer<int> numbers = (run.allocates(), system.allocate<int>(8));
  run.releases(), system.free(numbers.data());
  run.act([&](auto... at) { static_cast<void>(numbers.span(at...)); });
  static_cast<void>(numbers.release());
}

MISUSE(buffer, use_after_return) {
  if (run.is_undefined()) return;
  run.by("memory_pool");
  system_allocator system;
  memory_pool pool{system};
  buffer<int> numbers = (run.allocates(), pool.allocate<int>(8));
  run.releases(), pool.free(numbers.data());
  run.act([&](auto... at) { static_cast<void>(numbers.at(0, at...)); });
  static_cast<void>(numbers.release());
}

MISUSE(buffer, use_after_reset) {
  run.by("scoped_allocator");
  scoped_allocator scope;
  const buffer<int> numbers = (run.allocates(), scope.allocate<int>(8));
  run.releases(), scope.dispose();
  run.act([&](auto... at) { static_cast<void>(numbers.cspan(at...)); });
}

MISUSE(buffer, pool_overflow) {
  if (run.is_undefined()) return;
  run.by("system_allocator");
  system_allocator system;
  buffer<int> numbers = (run.allocates(), system.allocate<int>(8));
  numbers.data()[8] = 1;
  run.find([&](auto... at) { numbers.dispose(at...); });
}

CLEAN(buffer_ref) {
  system_allocator system;
  buffer<int> numbers = system.allocate<int>(8);
  const buffer_ref<int> all{numbers.data(), 8};
  EXPECT_EQ(all.span().size(), 8u);
  static_cast<void>(all[7]);
}

MISUSE(buffer_ref, out_of_bounds) {
  system_allocator system;
  buffer<int> numbers = (run.allocates(), system.allocate<int>(8));
  const buffer_ref<int> all{numbers.data(), 8};
  run.act_throws<std::out_of_range>([&](auto... at) { all[{8, at...}] = 1; });
}

MISUSE(buffer_ref, stale_handle) {
  system_allocator system;
  buffer<int> numbers = system.allocate<int>(8);
  const buffer_ref<int> all{numbers.data(), 8};
  numbers.dispose();
  run.act([&](auto... at) { EXPECT_EQ(all.span(at...).size(), 8u); });
}

CLEAN(small_buffer) {
  small_buffer<int> few{8, zero::yes};
  few[7] = 1;
  small_buffer<int> moved = std::move(few);
  moved.fill(2);
  system_allocator system;
  small_buffer<int> many{system.allocate<int>(100)};
  many[99] = 1;
}

MISUSE(small_buffer, out_of_bounds) {
  small_buffer<int> few{8};
  run.act_throws<std::out_of_range>([&](auto... at) { few[{8, at...}] = 1; });
}

MISUSE_BY(small_buffer, out_of_bounds, many) {
  system_allocator system;
  small_buffer<int> many{(run.allocates(), system.allocate<int>(100))};
  run.act_throws<std::out_of_range>([&](auto... at) { many[{100, at...}] = 1; });
}

MISUSE(small_buffer, stale_handle) {
  small_buffer<int> few{8, zero::yes};
  const small_buffer<int> moved = std::move(few);
  run.act_throws<std::logic_error>([&](auto... at) { few.span(at...); });
}

}  // namespace
}  // namespace memoir::matrix_of_views
