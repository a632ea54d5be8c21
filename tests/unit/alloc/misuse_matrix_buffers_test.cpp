// The misuse matrix: buffers with an owner, and views on them. See misuse_matrix.h.

#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "memoir/block_pool.h"
#include "memoir/buffer/buffer_view.h"
#include "memoir/buffer/released_buffer.h"
#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "unit/alloc/device_resource.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_buffers {
namespace {

constexpr auto kHost = memory_location::host;
constexpr auto kDevice = memory_location::device;
void free_nothing(int*) {}
void free_array(int* memory) { delete[] memory; }
void throw_instead(int* memory) {
  delete[] memory;
  throw std::runtime_error("a deleter that throws");
}

CLEAN(unique_buffer) {
  unique_buffer<int> buffer(8);
  buffer[7] = 1;
  EXPECT_EQ(buffer.span().size(), 8u);
  unique_buffer<int> moved = std::move(buffer);
  moved.reset(new int[4], 4, free_array);
  moved.release().free();
  EXPECT_TRUE(moved.empty());
}

CLEAN(shared_buffer) {
  shared_buffer<int> buffer(8);
  const shared_buffer<int> same = buffer;
  buffer[7] = 1;
  on_another_thread([same] { EXPECT_EQ(same[7], 1); });
  buffer.reset();
  EXPECT_EQ(same.use_count(), 1u);
}

// Of both alike.
#define MISUSE_OF_OWNERS(kind, what, function)                       \
  MISUSE_AS(unique_buffer, kind, what, function<unique_buffer<int>>) \
  MISUSE_AS(shared_buffer, kind, what, function<shared_buffer<int>>)

// Of a buffer whose block is another one's by now.
void give_up(unique_buffer<int>& buffer) { static_cast<void>(buffer.release().detach()); }
void give_up(shared_buffer<int>& buffer) {
  static_cast<void>(buffer.release()->detach());
}

template <class Buffer>
void index_beyond(misuse_run& run) {
  Buffer buffer((run.allocates(), 8u));
  run.act_throws<std::out_of_range>([&](auto... at) { buffer[{8, at...}] = 1; });
}
MISUSE_OF_OWNERS(out_of_bounds, an_index, index_beyond)

template <class Buffer>
void at_beyond(misuse_run& run) {
  const Buffer buffer((run.allocates(), 8u));
  run.act_throws<std::out_of_range>([&](auto... at) { buffer.at(8, at...); });
}
MISUSE_OF_OWNERS(out_of_bounds, at, at_beyond)

template <class Buffer>
void part_beyond(misuse_run& run) {
  run.by("buffer_view");
  Buffer buffer((run.allocates(), 8u));
  run.act_throws<std::out_of_range>([&](auto... at) { buffer.subview(4, 5, at...); });
}
MISUSE_OF_OWNERS(out_of_bounds, a_part, part_beyond)

template <class Buffer>
void null_with_elements(misuse_run& run) {
  run.by("unique_buffer");
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), Buffer(static_cast<int*>(nullptr), 8, free_nothing, kHost, at...);
  });
}
MISUSE_OF_OWNERS(bad_size, null, null_with_elements)

template <class Buffer>
void count_that_does_not_fit(misuse_run& run) {
  run.by("unique_buffer");
  run.act_throws<std::bad_array_new_length>(
      [&](auto... at) { run.here(), Buffer(kTooMany, at...); });
}
MISUSE_OF_OWNERS(size_overflow, a_count, count_that_does_not_fit)

template <class Buffer>
void host_access_to_a_device(misuse_run& run) {
  device_resource device;
  Buffer buffer((run.allocates(), 8u), &device, kDevice);
  run.act([&](auto... at) { EXPECT_EQ(buffer.span(at...).size(), 8u); });
}
MISUSE_OF_OWNERS(wrong_location, a_span, host_access_to_a_device)

template <class Buffer>
void checked_access_to_a_device(misuse_run& run) {
  device_resource device;
  Buffer buffer((run.allocates(), 8u), &device, kDevice);
  run.act_throws<std::logic_error>([&](auto... at) { buffer.at(0, at...); });
}
MISUSE_OF_OWNERS(wrong_location, at, checked_access_to_a_device)

template <class Buffer>
void objects_on_a_device(misuse_run& run) {
  run.by("unique_buffer");
  device_resource device;
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), Buffer(8, &device, kDevice, at...); });
}
MISUSE_AS(unique_buffer, wrong_location, objects,
          objects_on_a_device<unique_buffer<std::string>>)
MISUSE_AS(shared_buffer, wrong_location, objects,
          objects_on_a_device<shared_buffer<std::string>>)

template <class Buffer>
void two_owners(misuse_run& run) {
  if (run.is_undefined()) return;
  run.by("buffer");
  int* const memory = new int[8];
  Buffer one(memory, 8, free_array);
  Buffer two((run.allocates(), memory), 8, free_array);
  run.releases(), two.reset();
  run.act([&](auto... at) { one.reset(at...); });
}
MISUSE_OF_OWNERS(double_free, two_owners, two_owners)

template <class Buffer>
void deleter_that_throws(misuse_run& run) {
  run.by("buffer");
  Buffer buffer((run.allocates(), new int[8]), 8, throw_instead);
  run.act([&](auto... at) { run.releases(), buffer.reset(at...); });
}
MISUSE_OF_OWNERS(bad_deleter, throwing, deleter_that_throws)

template <class Buffer>
void deleter_that_is_missing(misuse_run& run) {
  run.by("buffer");
  int memory[8];
  std::unique_ptr<Buffer> buffer;
  run.allocates([&] {
    buffer = std::make_unique<Buffer>(memory, 8u, std::function<void(int*)>{}, kHost,
                                      site::of_thread());
  });
  run.act([&] { run.releases(), buffer.reset(); });
}
MISUSE_OF_OWNERS(bad_deleter, its_absence, deleter_that_is_missing)

template <class Buffer>
void write_beyond(misuse_run& run) {
  if (run.is_undefined()) return;
  run.by("buffer");
  Buffer buffer((run.allocates(), 8u));
  buffer.data()[8] = 1;
  run.find([&](auto... at) { buffer.reset(at...); });
}
MISUSE_OF_OWNERS(pool_overflow, a_write_behind, write_beyond)

template <class Buffer>
void write_before(misuse_run& run) {
  if (run.is_undefined()) return;
  run.by("buffer");
  std::unique_ptr<Buffer> buffer;
  run.allocates(
      [&] { buffer = std::make_unique<Buffer>(8u, kHeap, kHost, site::of_thread()); });
  buffer->data()[-1] = 1;
  run.find([&] { buffer.reset(); });
}
MISUSE_OF_OWNERS(pool_overflow, a_write_in_front, write_before)

template <class Buffer>
void use_after_its_block_was_returned(misuse_run& run) {
  if (run.is_undefined()) return;
  run.by("block_pool");
  block_pool<int> pool(8, 2);
  Buffer buffer{(run.allocates(), pool.acquire())};
  run.releases(), pool.give_back(buffer.data());
  run.act([&](auto... at) { static_cast<void>(buffer.span(at...)); });
  give_up(buffer);
}
MISUSE_OF_OWNERS(use_after_return, its_address, use_after_its_block_was_returned)

template <class Buffer>
void use_of_anothers_block(misuse_run& run) {
  if (run.is_undefined()) return;
  run.by("block_pool");
  block_pool<int> pool(8, 1);
  Buffer old{pool.acquire()};
  pool.give_back(old.data());
  unique_buffer<int> young{(run.allocates(), pool.acquire())};
  run.act([&](auto... at) { static_cast<void>(old.at(0, at...)); });
  give_up(old);
}
MISUSE_OF_OWNERS(stale_handle, its_address, use_of_anothers_block)

MISUSE(unique_buffer, stale_handle) {
  unique_buffer<int> buffer(8);
  const unique_buffer<int> moved = std::move(buffer);
  run.act([&](auto... at) { EXPECT_TRUE(buffer.span(at...).empty()); });
}

MISUSE_BY(unique_buffer, stale_handle, an_index) {
  unique_buffer<int> buffer(8);
  const unique_buffer<int> moved = std::move(buffer);
  run.act_throws<std::out_of_range>([&](auto... at) { buffer[{0, at...}] = 1; });
}

MISUSE(unique_buffer, alloc_dealloc_mismatch) {
  if (run.is_undefined()) return;
  const std::default_delete<int> one;
  const std::unique_ptr<int[]> memory{new int[2]};
  unique_buffer<int> buffer;
  run.act([&](auto... at) {
    run.here(), buffer = unique_buffer<int>(memory.get(), 2, one, kHost, at...);
  });
  static_cast<void>(buffer.release().detach());
}

MISUSE(shared_buffer, alloc_dealloc_mismatch) {
  if (run.is_undefined()) return;
  run.by("unique_buffer");
  const std::default_delete<int> one;
  const std::unique_ptr<int[]> memory{new int[2]};
  shared_buffer<int> buffer;
  run.act([&](auto... at) {
    run.here(), buffer = shared_buffer<int>(memory.get(), 2, one, kHost, at...);
  });
  static_cast<void>(buffer.release()->detach());
}

MISUSE(unique_buffer, unsynchronized_use) {
  int memory[8];
  unique_buffer<int> buffer;
  run.act([&](auto... at) {
    const auto deleter = [&](int*) {
      on_another_thread([&] { run.here(), buffer.reset(at...); });
    };
    buffer = unique_buffer<int>(memory, 8, deleter);
    buffer.reset();
  });
}

}  // namespace
}  // namespace memoir::matrix_of_buffers
