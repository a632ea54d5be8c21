// The misuse matrix: rings, lines, records and batches. See misuse_matrix.h.

#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memoir/stream/byte_ring.h"
#include "memoir/stream/double_buffer.h"
#include "memoir/stream/line_buffer.h"
#include "memoir/stream/readers.h"
#include "memoir/stream/record_buffer.h"
#include "memoir/stream/round_robin_buffers.h"
#include "memoir/stream/spsc_byte_ring.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_streams {
namespace {

using std::chrono::milliseconds;

std::span<const std::byte> bytes_in(std::string_view text) {
  return std::as_bytes(std::span{text});
}
const std::span<const std::byte> kTen = bytes_in("0123456789");

const line_buffer_options kLines;

CLEAN(byte_ring) {
  byte_ring ring{16};
  EXPECT_EQ(ring.write(kTen), 10u);
  EXPECT_EQ(ring.write(kTen), 6u);
  std::array<std::byte, 20> to{};
  EXPECT_EQ(ring.read(to), 16u);
  ring.writable()[0][0] = std::byte{1};
  EXPECT_EQ(ring.commit(1), 1u);
  EXPECT_EQ(ring.verify(), 0u);
  ring.hand_over();
  on_another_thread([&] { EXPECT_EQ(ring.consume(5), 1u); });
}

MISUSE(byte_ring, dropped_data) {
  byte_ring ring{8};
  run.act([&](auto... at) { run.here(), static_cast<void>(ring.write(kTen, at...)); });
  EXPECT_EQ(ring.available(), 8u);
}

MISUSE(byte_ring, pool_overflow) {
  if (run.is_undefined()) return;
  std::optional<byte_ring> made;
  run.allocates([&] { made.emplace(8u, kHeap, site::of_thread()); });
  byte_ring& ring = *made;
  ring.writable()[0].data()[8] = std::byte{1};
  run.find([&](auto... at) { ring.verify(at...); });
}

MISUSE_BY(byte_ring, pool_overflow, its_end) {
  if (run.is_undefined()) return;
  std::optional<byte_ring> ring;
  run.allocates([&] { ring.emplace(8u, kHeap, site::of_thread()); });
  ring->writable()[0].data()[8] = std::byte{1};
  run.find([&] { ring.reset(); });
}

MISUSE(byte_ring, unsynchronized_use) {
  byte_ring ring{16};
  EXPECT_EQ(ring.write(kTen), 10u);
  std::array<std::byte, 4> to{};
  run.act([&](auto... at) { on_another_thread([&] { ring.read(to, at...); }); });
}

MISUSE_BY(byte_ring, unsynchronized_use, clearing) {
  byte_ring ring{16};
  EXPECT_EQ(ring.write(kTen), 10u);
  run.act([&](auto... at) { on_another_thread([&] { ring.clear(at...); }); });
}

CLEAN(spsc_byte_ring) {
  spsc_byte_ring ring{16};
  on_another_thread([&] { EXPECT_EQ(ring.write(kTen), 10u); });
  std::array<std::byte, 20> to{};
  EXPECT_EQ(ring.read(to), 10u);
}

MISUSE(spsc_byte_ring, dropped_data) {
  spsc_byte_ring ring{8};
  run.act([&](auto... at) { run.here(), static_cast<void>(ring.write(kTen, at...)); });
  EXPECT_EQ(ring.available(), 8u);
}

MISUSE(spsc_byte_ring, unsynchronized_use) {
  run.by("spsc_byte_ring (producer)");
  spsc_byte_ring ring{64};
  EXPECT_EQ(ring.write(kTen), 10u);
  std::size_t done = 0;
  run.act([&](auto... at) {
    on_another_thread([&] { run.here(), done = ring.write(kTen, at...); });
  });
  EXPECT_EQ(done, 10u);
}

MISUSE_BY(spsc_byte_ring, unsynchronized_use, a_second_reader) {
  run.by("spsc_byte_ring (consumer)");
  spsc_byte_ring ring{64};
  EXPECT_EQ(ring.write(kTen), 10u);
  std::array<std::byte, 4> to{};
  ring.read(to);
  run.act([&](auto... at) { on_another_thread([&] { ring.read(to, at...); }); });
}

CLEAN(line_buffer) {
  line_buffer lines{8, {.growth_limit = 64}};
  span_reader reader{bytes_in("one\na line that is longer\nlast")};
  std::string all;
  for (bool more = true; more;) {
    more = !lines.fill(reader).value().eof;
    while (const auto line = lines.read_line()) all += line->text();
  }
  all += lines.finish()->text();
  EXPECT_EQ(all, "onea line that is longerlast");
  lines.hand_over();
  on_another_thread([&] { EXPECT_FALSE(lines.read_line()); });
}

MISUSE(line_buffer, stale_handle) {
  line_buffer lines{(run.allocates(), 16u)};
  span_reader reader{bytes_in("one\ntwo\n"), 4};
  EXPECT_TRUE(lines.fill(reader));
  const auto line = lines.read_line();
  EXPECT_TRUE(lines.fill(reader));
  run.act_throws<std::logic_error>([&](auto... at) { line->text(at...); });
}

MISUSE_BY(line_buffer, stale_handle, a_conversion) {
  line_buffer lines{(run.allocates(), 16u)};
  span_reader reader{bytes_in("one\ntwo\n"), 4};
  EXPECT_TRUE(lines.fill(reader));
  const auto line = lines.read_line();
  EXPECT_TRUE(lines.fill(reader));
  run.act_throws<std::logic_error>([&] { static_cast<void>(std::string_view{*line}); });
}

MISUSE(line_buffer, stuck_fill) {
  line_buffer lines{(run.allocates(), 8u)};
  span_reader reader{kTen};
  EXPECT_TRUE(lines.fill(reader));
  errc error{};
  run.act([&](auto... at) { error = lines.fill(reader, at...).error(); });
  EXPECT_EQ(error, errc::stuck);
}

MISUSE(line_buffer, dropped_data) {
  std::unique_ptr<line_buffer> lines;
  run.allocates([&] {
    lines = std::make_unique<line_buffer>(16u, kLines, kHeap, site::of_thread());
  });
  span_reader reader{kTen};
  while (!lines->fill(reader)->eof) {
  }
  run.act([&] { lines.reset(); });
}

MISUSE(line_buffer, out_of_bounds) {
  line_buffer lines{(run.allocates(), 16u)};
  span_reader reader{kTen};
  EXPECT_TRUE(lines.fill(reader));
  run.act([&](auto... at) { EXPECT_EQ(lines.consume(11, at...), 10u); });
}

MISUSE_BY(line_buffer, out_of_bounds, a_reader) {
  line_buffer lines{(run.allocates(), 16u)};
  const auto boasts = [](std::span<std::byte> to) {
    return static_cast<std::ptrdiff_t>(to.size() + 1);
  };
  errc error{};
  run.act([&](auto... at) { error = lines.fill(boasts, at...).error(); });
  EXPECT_EQ(error, errc::io);
  EXPECT_TRUE(lines.remaining().empty());
}

MISUSE(line_buffer, pool_overflow) {
  if (run.is_undefined()) return;
  line_buffer lines{(run.allocates(), 16u)};
  const auto overruns = [](std::span<std::byte> to) {
    std::memset(to.data(), 'x', to.size() + 1);
    return static_cast<std::ptrdiff_t>(to.size());
  };
  run.find([&](auto... at) { EXPECT_TRUE(lines.fill(overruns, at...)); });
}

MISUSE(line_buffer, unsynchronized_use) {
  line_buffer lines{16};
  span_reader reader{bytes_in("one\ntwo\n")};
  EXPECT_TRUE(lines.fill(reader));
  run.act([&](auto... at) { on_another_thread([&] { lines.read_line(at...); }); });
}

MISUSE_BY(line_buffer, unsynchronized_use, filling) {
  line_buffer lines{16};
  span_reader reader{bytes_in("one\ntwo\n"), 4};
  EXPECT_TRUE(lines.fill(reader));
  run.act([&](auto... at) {
    on_another_thread([&] { run.here(), static_cast<void>(lines.fill(reader, at...)); });
  });
}

CLEAN(record_buffer) {
  record_buffer<std::string> records{2};
  EXPECT_TRUE(records.try_push("one"));
  EXPECT_TRUE(records.try_push("two"));
  EXPECT_FALSE(records.try_push("three"));
  EXPECT_EQ(records.drain().size(), 2u);
  records.hand_over();
  on_another_thread([&] { EXPECT_TRUE(records.try_push("four")); });
}

MISUSE(record_buffer, dropped_data) {
  record_buffer<int> records{1};
  EXPECT_TRUE(records.try_push(1));
  run.act([&](auto... at) { run.here(), static_cast<void>(records.try_push(2, at...)); });
  EXPECT_EQ(records.size(), 1u);
}

MISUSE(record_buffer, unsynchronized_use) {
  record_buffer<int> records{4};
  EXPECT_TRUE(records.try_push(1));
  bool taken = false;
  run.act([&](auto... at) {
    on_another_thread([&] { run.here(), taken = records.try_push(2, at...); });
  });
  EXPECT_TRUE(taken);
}

MISUSE_BY(record_buffer, unsynchronized_use, draining) {
  record_buffer<int> records{4};
  EXPECT_TRUE(records.try_push(1));
  std::pmr::vector<int> batch;
  run.act([&](auto... at) {
    on_another_thread([&] { run.here(), records.drain_into(batch, at...); });
  });
  EXPECT_EQ(batch.size(), 1u);
}

MISUSE_BY(record_buffer, unsynchronized_use, clearing) {
  record_buffer<int> records{4};
  EXPECT_TRUE(records.try_push(1));
  run.act([&](auto... at) { on_another_thread([&] { records.clear(at...); }); });
}

}  // namespace
}  // namespace memoir::matrix_of_streams
