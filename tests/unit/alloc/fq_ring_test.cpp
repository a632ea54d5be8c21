// Bytes in a circle: RingBuffer of the FASTQ module.

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "memoir/stream/byte_ring.h"
#include "memoir/stream/spsc_byte_ring.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

std::span<const std::byte> ring_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

template <class Ring>
std::string read_text(Ring& ring, std::size_t most) {
  std::string text(most, '\0');
  text.resize(ring.read(std::as_writable_bytes(std::span{text})));
  return text;
}

class ByteRingTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(ByteRingTest, FQ_10_goes_around) {
  byte_ring ring{8};
  for (int i = 0; i < 20; ++i) {
    const std::string text = "abc" + std::to_string(i);
    EXPECT_EQ(ring.write(ring_bytes(text)), text.size());
    EXPECT_EQ(read_text(ring, 8), text);
  }
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.verify(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ByteRingTest, FQ_11_starts_zeroed_and_may_have_no_capacity) {
  byte_ring ring{16};
  const auto free = ring.writable();
  for (const std::byte one : free[0]) EXPECT_EQ(one, std::byte{0});
  byte_ring none{0};
  EXPECT_TRUE(none.full());
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.write(ring_bytes("a")), 0u);
  EXPECT_EQ(none.write({}), 0u);
  EXPECT_EQ(read_text(none, 4), "");
  EXPECT_NO_FINDING(log_);
}

TEST_F(ByteRingTest, FQ_12_ten_into_eight_is_eight) {
  byte_ring ring{8};
  EXPECT_EQ(ring.write(ring_bytes("0123456789")), 8u);
  EXPECT_EQ(read_text(ring, 10), "01234567");
  EXPECT_NO_FINDING(log_);
}

TEST_F(ByteRingTest, FQ_12_a_result_nobody_looks_at_is_told) {
  byte_ring ring{8};
  static_cast<void>(ring.write(ring_bytes("01234567")));  // all taken: nothing to see
  EXPECT_NO_FINDING(log_);
  static_cast<void>(ring.write(ring_bytes("89")));
  EXPECT_ONE_FINDING(log_, finding::dropped_data, __LINE__ - 1);
}

TEST_F(ByteRingTest, FQ_13_reads_what_there_is_across_the_end) {
  byte_ring ring{8};
  EXPECT_EQ(ring.write(ring_bytes("abcdef")), 6u);
  EXPECT_EQ(read_text(ring, 4), "abcd");
  EXPECT_EQ(ring.write(ring_bytes("ghijkl")), 6u);
  std::string seen(8, '\0');
  EXPECT_EQ(ring.peek(std::as_writable_bytes(std::span{seen})), 8u);
  EXPECT_EQ(seen, "efghijkl");
  EXPECT_EQ(read_text(ring, 100), "efghijkl");
  EXPECT_EQ(read_text(ring, 100), "");
}

TEST_F(ByteRingTest, FQ_14_available) {
  byte_ring ring{8};
  EXPECT_EQ(ring.available(), 0u);
  EXPECT_EQ(ring.write(ring_bytes("abc")), 3u);
  EXPECT_EQ(ring.available(), 3u);
  EXPECT_EQ(ring.consume(2), 2u);
  EXPECT_EQ(ring.available(), 1u);
  EXPECT_EQ(ring.consume(5), 1u);
}

TEST_F(ByteRingTest, FQ_15_remaining) {
  byte_ring ring{8};
  EXPECT_EQ(ring.write(ring_bytes("abc")), 3u);
  EXPECT_EQ(ring.remaining(), 5u);
  EXPECT_EQ(ring.free_space(), 5u);
  ring.clear();
  EXPECT_EQ(ring.remaining(), 8u);
}

TEST_F(ByteRingTest, WithoutCopying) {
  byte_ring ring{8};
  EXPECT_EQ(ring.write(ring_bytes("abcdef")), 6u);
  ring.consume(5);
  auto free = ring.writable();
  EXPECT_EQ(free[0].size(), 2u);
  EXPECT_EQ(free[1].size(), 5u);
  std::memcpy(free[0].data(), "gh", 2);
  std::memcpy(free[1].data(), "ij", 2);
  EXPECT_EQ(ring.commit(4), 4u);
  const auto unread = ring.readable();
  EXPECT_EQ(unread[0].size() + unread[1].size(), 5u);
  EXPECT_EQ(read_text(ring, 9), "fghij");
}

TEST_F(ByteRingTest, WritesBeyondItsMemoryAreTold) {
  if constexpr (!is_tracking) GTEST_SKIP() << "there are no redzones";
  byte_ring ring{8};
  ring.writable()[0].data()[8] = std::byte{1};
  EXPECT_EQ(ring.verify(), 1u);
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(ByteRingTest, ASecondThreadIsToldUnlessItWasHandedOver) {
  byte_ring ring{8};
  EXPECT_EQ(ring.write(ring_bytes("ab")), 2u);
  std::thread([&] { EXPECT_EQ(read_text(ring, 1), "a"); }).join();
  const auto found = log_.take();
  EXPECT_EQ(found.size(), is_tracking ? 1u : 0u);
  for (const auto& one : found) EXPECT_EQ(one.kind, finding::unsynchronized_use);
  ring.hand_over();
  std::thread([&] { EXPECT_EQ(read_text(ring, 1), "b"); }).join();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ByteRingTest, NoAllocationButItsMemory) {
  failing_resource upstream;
  {
    byte_ring ring{64, &upstream};
    const std::size_t before = heap_allocations();
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(ring.write(ring_bytes("0123456789")), 10u);
      ring.consume(10);
    }
    EXPECT_EQ(heap_allocations(), before);
    EXPECT_EQ(upstream.allocations(), 1u);
    upstream.fail_after(0);
    EXPECT_THROW(byte_ring(8, &upstream), std::bad_alloc);
  }
  EXPECT_EQ(upstream.live_blocks(), 0u);
}

TEST_F(ByteRingTest, SpscRingCarriesAllBytesInOrder) {
  spsc_byte_ring ring{1000};
  constexpr std::size_t kBytes = 1 << 20;
  std::thread producer([&] {
    std::vector<std::byte> piece(337);
    for (std::size_t at = 0; at < kBytes;) {
      const std::size_t want = std::min(piece.size(), kBytes - at);
      for (std::size_t i = 0; i < want; ++i) piece[i] = static_cast<std::byte>(at + i);
      const std::size_t taken = ring.write(std::span{piece}.first(want));
      at += taken;
      if (taken == 0) std::this_thread::yield();
    }
  });
  std::vector<std::byte> piece(411);
  std::size_t at = 0;
  bool right = true;
  while (at < kBytes) {
    const std::size_t got = ring.read(piece);
    for (std::size_t i = 0; i < got; ++i) {
      right = right && piece[i] == static_cast<std::byte>(at + i);
    }
    at += got;
    if (got == 0) std::this_thread::yield();
  }
  producer.join();
  EXPECT_TRUE(right);
  EXPECT_EQ(ring.available(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ByteRingTest, SpscRingIsPartialToo) {
  spsc_byte_ring ring{8};
  EXPECT_EQ(ring.write(ring_bytes("0123456789")), 8u);
  EXPECT_EQ(ring.free_space(), 0u);
  EXPECT_EQ(read_text(ring, 3), "012");
  EXPECT_EQ(ring.write(ring_bytes("abcd")), 3u);
  EXPECT_EQ(read_text(ring, 20), "34567abc");
  spsc_byte_ring none{0};
  EXPECT_EQ(none.write(ring_bytes("a")), 0u);
  EXPECT_EQ(read_text(none, 1), "");
}

TEST_F(ByteRingTest, SpscRingKnowsItsTwoSides) {
  spsc_byte_ring ring{8};
  EXPECT_EQ(ring.write(ring_bytes("ab")), 2u);
  std::thread([&] { EXPECT_EQ(read_text(ring, 1), "a"); }).join();
  EXPECT_NO_FINDING(log_);  // one producer, one consumer
  EXPECT_EQ(read_text(ring, 1), "b");
  const auto found = log_.take();
  EXPECT_EQ(found.size(), is_tracking ? 1u : 0u);
  for (const auto& one : found) EXPECT_EQ(one.kind, finding::unsynchronized_use);
}

// Records through a ring that is smaller than the input: everything arrives, the last
// bytes, too.
TEST_F(ByteRingTest, FQ_E2_stream_parse) {
  std::string input;
  for (int i = 0; i < 5000; ++i) input += "@read" + std::to_string(i) + "\n";
  input += "abc";  // a tail of fewer than four bytes
  byte_ring ring{8192};
  std::string output;
  std::size_t at = 0;
  while (at < input.size() || !ring.empty()) {
    at += ring.write(ring_bytes(std::string_view{input}.substr(at)));
    output += read_text(ring, 4096);
  }
  EXPECT_EQ(output, input);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
