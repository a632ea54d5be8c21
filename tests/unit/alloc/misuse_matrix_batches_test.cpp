// The misuse matrix: batches between threads, and buffers in turn. See misuse_matrix.h.

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "memoir/stream/double_buffer.h"
#include "memoir/stream/round_robin_buffers.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_batches {
namespace {

using std::chrono::milliseconds;

CLEAN(double_buffer) {
  double_buffer<int> halves{4};
  auto batch = halves.begin_write();
  batch.push(1);
  EXPECT_TRUE(batch.try_push(2));
  std::move(batch).publish();
  EXPECT_EQ(halves.read_next()->size(), 2u);
  halves.close();
  EXPECT_FALSE(halves.read_next());
  EXPECT_EQ(halves.verify(), 0u);
}

MISUSE(double_buffer, publish_overlap) {
  double_buffer<int> halves{4};
  const auto batch = halves.begin_write();
  run.act_throws<std::logic_error>(
      [&](auto... at) { run.here(), static_cast<void>(halves.begin_write(at...)); });
}

MISUSE_BY(double_buffer, publish_overlap, a_second_reader) {
  double_buffer<int> halves{4};
  halves.begin_write().publish();
  const auto batch = halves.read_next();
  run.act_throws<std::logic_error>(
      [&](auto... at) { run.here(), static_cast<void>(halves.read_next(at...)); });
}

MISUSE_BY(double_buffer, publish_overlap, a_reader_with_a_limit) {
  double_buffer<int> halves{4};
  halves.begin_write().publish();
  const auto batch = halves.read_next();
  run.act_throws<std::logic_error>([&](auto... at) {
    run.here(), static_cast<void>(halves.read_next_for(milliseconds(1), at...));
  });
}

MISUSE_BY(double_buffer, publish_overlap, swapping) {
  double_buffer<int> halves{4};
  const auto batch = halves.begin_write();
  run.act_throws<std::logic_error>([&](auto... at) { halves.swap(at...); });
}

MISUSE(double_buffer, dropped_data) {
  double_buffer<int> halves{(run.allocates(), 4u)};
  std::optional batch{halves.begin_write()};
  batch->push(1);
  run.act([&] { batch.reset(); });
}

MISUSE_BY(double_buffer, dropped_data, swapping) {
  double_buffer<int> halves{(run.allocates(), 4u)};
  auto batch = halves.begin_write();
  batch.push(1);
  std::move(batch).publish();
  run.act([&](auto... at) { halves.swap(at...); });
}

MISUSE_BY(double_buffer, dropped_data, a_push) {
  run.by("double_buffer::writer");
  double_buffer<int> halves{1};
  auto batch = halves.begin_write();
  batch.push(1);
  run.act([&](auto... at) { run.here(), static_cast<void>(batch.try_push(2, at...)); });
  batch.clear();
}

MISUSE(double_buffer, capacity_exceeded) {
  double_buffer<int> halves{(run.allocates(), 1u)};
  auto batch = halves.begin_write();
  batch.push(1);
  run.act_throws<std::length_error>([&](auto... at) { batch.push(2, at...); });
  batch.clear();
}

MISUSE(double_buffer, stale_handle) {
  run.by("double_buffer::writer");
  double_buffer<int> halves{4};
  auto batch = halves.begin_write();
  EXPECT_TRUE(batch.try_publish());
  EXPECT_TRUE(batch.is_full() && batch.empty());
  run.act_throws<std::logic_error>([&](auto... at) { batch.push(1, at...); });
}

MISUSE_BY(double_buffer, stale_handle, a_reader) {
  run.by("double_buffer::reader");
  double_buffer<int> halves{4};
  halves.begin_write().publish();
  auto batch = halves.read_next();
  const auto taken = std::move(*batch);
  EXPECT_EQ(batch->size() + batch->sequence(), 0u);
  run.act([&](auto... at) { EXPECT_TRUE(batch->items(at...).empty()); });
}

MISUSE(double_buffer, size_overflow) {
  run.act_throws<std::bad_array_new_length>(
      [&](auto... at) { run.here(), double_buffer<int>(kTooMany / 2, kHeap, at...); });
}

MISUSE(double_buffer, pool_overflow) {
  if (run.is_undefined()) return;
  double_buffer<int> halves{(run.allocates(), 4u)};
  halves.begin_write().publish();
  auto batch = halves.read_next();
  batch->items().data()[4] = 1;
  run.find([&](auto... at) { halves.verify(at...); });
}

MISUSE_BY(double_buffer, pool_overflow, publishing) {
  if (run.is_undefined()) return;
  double_buffer<int> halves{(run.allocates(), 4u)};
  auto batch = halves.begin_write();
  batch.push(1);
  std::move(batch).publish();
  int* const items = halves.read_next()->items().data();
  auto next = halves.begin_write();
  items[-1] = 1;
  run.find([&](auto... at) { std::move(next).publish(at...); });
}

MISUSE_BY(double_buffer, pool_overflow, the_end_of_reading) {
  if (run.is_undefined()) return;
  double_buffer<int> halves{(run.allocates(), 4u)};
  halves.begin_write().publish();
  auto batch = halves.read_next();
  batch->items().data()[4] = 1;
  run.find([&] { batch.reset(); });
}

MISUSE(double_buffer, unsynchronized_use) {
  run.by("double_buffer::writer");
  double_buffer<int> halves{4};
  auto batch = halves.begin_write();
  batch.push(1);
  run.act([&](auto... at) { on_another_thread([&] { batch.push(2, at...); }); });
  batch.clear();
}

MISUSE_BY(double_buffer, unsynchronized_use, publishing) {
  run.by("double_buffer::writer");
  double_buffer<int> halves{4};
  auto batch = halves.begin_write();
  batch.push(1);
  run.act([&](auto... at) {
    on_another_thread([&] { run.here(), std::move(batch).publish(at...); });
  });
}

CLEAN(round_robin_buffers) {
  round_robin_buffers turns{2, 64};
  auto one = turns.get_next();
  EXPECT_EQ(one.append(std::as_bytes(std::span{"text"})), 5u);
  one.resize(64);
  one[63] = std::byte{1};
  auto two = turns.get_next();
  one.release();
  one = turns.get_next();
  EXPECT_EQ(turns.verify(), 0u);
}

MISUSE(round_robin_buffers, recycled_while_leased) {
  round_robin_buffers turns{1, 64};
  const auto one = (run.allocates(), turns.get_next());
  run.act_throws<std::logic_error>([&](auto... at) { turns.get_next(at...); });
}

MISUSE_BY(round_robin_buffers, recycled_while_leased, a_result) {
  round_robin_buffers turns{1, 64};
  const auto one = (run.allocates(), turns.get_next());
  errc error{};
  run.act([&](auto... at) { error = turns.try_get_next(at...).error(); });
  EXPECT_EQ(error, errc::pool_exhausted);
}

MISUSE(round_robin_buffers, pool_exhausted) {
  round_robin_buffers turns{1, 64, reuse_policy::skip};
  const auto one = turns.get_next();
  run.act_throws<pool_exhausted>([&](auto... at) { turns.get_next(at...); });
}

MISUSE(round_robin_buffers, lease_timeout) {
  round_robin_buffers turns{1, 64};
  const auto one = turns.get_next();
  errc error{};
  run.act([&](auto... at) {
    run.here(), error = turns.get_next_for(milliseconds(1), at...).error();
  });
  EXPECT_EQ(error, errc::timeout);
}

MISUSE(round_robin_buffers, bad_size) {
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), round_robin_buffers(0, 64, reuse_policy::error, kHeap, at...);
  });
}

MISUSE(round_robin_buffers, size_overflow) {
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), round_robin_buffers(2, kTooMany - 100, reuse_policy::error, kHeap, at...);
  });
}

MISUSE(round_robin_buffers, out_of_bounds) {
  run.by("round_robin_buffer");
  round_robin_buffers turns{2, 64};
  auto one = (run.allocates(), turns.get_next());
  one.resize(8);
  run.act_throws<std::out_of_range>([&](auto... at) { one[{8, at...}] = std::byte{1}; });
}

MISUSE(round_robin_buffers, capacity_exceeded) {
  run.by("round_robin_buffer");
  round_robin_buffers turns{2, 64};
  auto one = (run.allocates(), turns.get_next());
  run.act_throws<std::length_error>([&](auto... at) { one.resize(65, at...); });
}

MISUSE(round_robin_buffers, dropped_data) {
  run.by("round_robin_buffer");
  round_robin_buffers turns{2, 4};
  auto one = turns.get_next();
  const auto text = std::as_bytes(std::span{"a text"});
  run.act([&](auto... at) { run.here(), static_cast<void>(one.append(text, at...)); });
  EXPECT_EQ(one.size(), 4u);
}

MISUSE(round_robin_buffers, use_after_return) {
  if (run.is_undefined()) return;
  round_robin_buffers turns{2, 64};
  auto one = (run.allocates(), turns.get_next());
  const std::span<std::byte> space = one.space();
  run.releases(), one.release();
  space[3] = std::byte{1};
  run.find([&](auto... at) { turns.verify(at...); });
}

MISUSE_BY(round_robin_buffers, use_after_return, the_next_turn) {
  if (run.is_undefined()) return;
  round_robin_buffers turns{1, 64};
  auto one = (run.allocates(), turns.get_next());
  const std::span<std::byte> space = one.space();
  run.releases(), one.release();
  space[3] = std::byte{1};
  run.find([&](auto... at) { turns.get_next(at...); });
}

MISUSE(round_robin_buffers, stale_handle) {
  run.by("round_robin_buffer");
  round_robin_buffers turns{2, 64};
  auto one = turns.get_next();
  one.release();
  run.act_throws<std::out_of_range>([&](auto... at) { one[{0, at...}] = std::byte{1}; });
}

MISUSE(round_robin_buffers, pool_overflow) {
  if (run.is_undefined()) return;
  round_robin_buffers turns{2, 64};
  auto one = (run.allocates(), turns.get_next());
  one.space().data()[64] = std::byte{1};
  run.find([&](auto... at) { one.release(at...); });
}

MISUSE(round_robin_buffers, pool_destroyed_with_live_blocks) {
  auto turns = std::make_unique<round_robin_buffers>(2u, 64u);
  auto one = (run.allocates(), turns->get_next());
  run.act([&] { turns.reset(); });
  one.space()[63] = std::byte{1};  // still good
}

}  // namespace
}  // namespace memoir::matrix_of_batches
