#include "wire/ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/shared_session.h"

namespace memoir {
namespace {

constexpr std::uint32_t kSlots = 64;

bool always_alive(const SessionMemory&) { return true; }
bool never_alive(const SessionMemory&) { return false; }

void put(RingWriter& writer, std::uint64_t value) {
  const std::uint64_t index = writer.reserve(1);
  ASSERT_TRUE(writer.has_space(index + 1) || writer.refresh_space(index + 1));
  writer.publish(index, EventKind::kAlloc, Api::kMalloc, 4, 7, value, value * 2,
                 value * 3);
}

class RingTest : public testing::Test {
 protected:
  RingTest() : session_(2, kSlots), reader_(session_.memory(), 1) {
    writer_.attach(session_.memory(), 1);
  }

  SharedSession session_;
  RingWriter writer_;
  RingReader reader_;
  Event event_;
};

TEST_F(RingTest, AnEmptyRingGivesNothing) { EXPECT_FALSE(reader_.next(event_)); }

TEST_F(RingTest, EverythingComesOutAsItWentIn) {
  put(writer_, 5);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.kind, EventKind::kAlloc);
  EXPECT_EQ(event_.api, Api::kMalloc);
  EXPECT_EQ(event_.alignment_log2, 4);
  EXPECT_EQ(event_.stack, 7u);
  EXPECT_EQ(event_.time, 5u);
  EXPECT_EQ(event_.address, 10u);
  EXPECT_EQ(event_.size, 15u);
  EXPECT_FALSE(reader_.next(event_));
}

TEST_F(RingTest, ManyLapsKeepTheirOrder) {
  std::uint64_t read = 0;
  // Past the wrap of the lap number, too.
  for (std::uint64_t i = 0; i < kSlots * 600; ++i) {
    put(writer_, i);
    if (i % 50 != 49) continue;
    while (reader_.next(event_)) EXPECT_EQ(event_.time, read++);
    reader_.release();
  }
  while (reader_.next(event_)) EXPECT_EQ(event_.time, read++);
  EXPECT_EQ(read, kSlots * 600);
}

// The program may write over anything; its threads must not wait for ever.
TEST_F(RingTest, AReaderHealsTheTailThatWasWrittenOver) {
  for (std::uint64_t i = 0; i < kSlots; ++i) put(writer_, i);
  while (reader_.next(event_)) {
  }
  reader_.release();
  writer_.header()->tail.store(12345678, std::memory_order_relaxed);
  reader_.release();  // with nothing new to let go of
  EXPECT_EQ(writer_.header()->tail.load(), kSlots);
}

TEST_F(RingTest, TwoSlotsAreOneEventEvenAcrossTheEnd) {
  for (std::uint64_t i = 0; i < kSlots - 1; ++i) put(writer_, i);
  while (reader_.next(event_)) {
  }
  reader_.release();
  const std::uint64_t index = writer_.reserve(2);
  ASSERT_TRUE(writer_.refresh_space(index + 2));
  writer_.publish(index, EventKind::kRealloc, Api::kRealloc, 0, 3, 100, 101, 102);
  // Half an event is none.
  EXPECT_FALSE(reader_.next(event_));
  writer_.publish(index + 1, EventKind::kMore, Api::kRealloc, 0, 0, 200, 201, 202);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.kind, EventKind::kRealloc);
  EXPECT_EQ(event_.address, 101u);
  EXPECT_EQ(event_.more_time, 200u);
  EXPECT_EQ(event_.more_address, 201u);
  EXPECT_EQ(event_.more_size, 202u);
}

TEST_F(RingTest, AReservedSlotHoldsBackWhatFollows) {
  const std::uint64_t first = writer_.reserve(1);
  put(writer_, 2);
  EXPECT_FALSE(reader_.next(event_));
  writer_.publish(first, EventKind::kFree, Api::kFree, 0, 0, 1, 0, 0);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.time, 1u);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.time, 2u);
}

TEST_F(RingTest, WhatALongjmpLeftIsGivenUp) {
  put(writer_, 1);
  (void)writer_.reserve(2);
  put(writer_, 2);
  writer_.give_up_unpublished();
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.time, 1u);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.kind, EventKind::kNone);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.kind, EventKind::kNone);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.time, 2u);
}

TEST_F(RingTest, WhatWaitedForSpaceIsGivenUpWithoutHarmToTheUnread) {
  for (std::uint64_t i = 0; i < kSlots; ++i) put(writer_, i);
  (void)writer_.reserve(2);  // the ring is full
  writer_.give_up_unpublished();
  for (std::uint64_t i = 0; i < kSlots; ++i) {
    ASSERT_TRUE(reader_.next(event_));
    EXPECT_EQ(event_.time, i);
  }
  EXPECT_FALSE(reader_.next(event_));
  reader_.release();
  put(writer_, 99);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.time, 99u);
}

TEST_F(RingTest, NobodyWaitsBehindAnEventOfHisOwn) {
  put(writer_, 1);
  const std::uint64_t interrupted = writer_.reserve(1);
  for (std::uint64_t i = 2; i < kSlots; ++i) put(writer_, i);
  while (reader_.next(event_)) {
  }
  reader_.release();
  put(writer_, kSlots);
  const std::uint64_t index = writer_.reserve(1);
  ASSERT_FALSE(writer_.has_space(index + 1));
  EXPECT_EQ(writer_.wait_for_space(index + 1, always_alive), RingWait::kHeldUp);
  writer_.give_back(index, 1);
  EXPECT_EQ(writer_.head(), index);
  writer_.publish(interrupted, EventKind::kFree, Api::kFree, 0, 0, 77, 0, 0);
  std::uint64_t count = 0;
  while (reader_.next(event_)) ++count;
  EXPECT_EQ(count, kSlots);
  // Not the last one any more.
  (void)writer_.reserve(2);
  writer_.give_back(index, 1);
  EXPECT_EQ(writer_.head(), index + 2);
}

TEST_F(RingTest, TheNextOwnerGoesOnWhereTheLastStopped) {
  put(writer_, 1);
  writer_.detach();
  RingWriter next;
  next.attach(session_.memory(), 1);
  put(next, 2);
  ASSERT_TRUE(reader_.next(event_));
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_EQ(event_.time, 2u);
}

TEST_F(RingTest, AFullRingHasNoSpaceUntilItIsRead) {
  for (std::uint64_t i = 0; i < kSlots; ++i) put(writer_, i);
  EXPECT_FALSE(writer_.refresh_space(kSlots + 1));
  EXPECT_EQ(writer_.wait_for_space(kSlots + 1, never_alive), RingWait::kCollectorDead);
  ASSERT_TRUE(reader_.next(event_));
  EXPECT_FALSE(writer_.refresh_space(kSlots + 1));
  reader_.release();
  EXPECT_TRUE(writer_.refresh_space(kSlots + 1));
  EXPECT_EQ(writer_.wait_for_space(kSlots + 1, never_alive), RingWait::kSpace);
}

TEST_F(RingTest, ASlowReaderLosesNothing) {
  constexpr std::uint64_t kEvents = 200'000;
  std::thread writer([this] {
    for (std::uint64_t i = 0; i < kEvents; ++i) {
      const std::uint64_t index = writer_.reserve(1);
      if (!writer_.has_space(index + 1)) {
        ASSERT_EQ(writer_.wait_for_space(index + 1, always_alive), RingWait::kSpace);
      }
      writer_.publish(index, EventKind::kFree, Api::kFree, 0, 0, i, i, i);
    }
  });
  std::uint64_t read = 0;
  while (read < kEvents) {
    Event event;
    while (reader_.next(event)) {
      ASSERT_EQ(event.time, read);
      ASSERT_EQ(event.size, read);
      ++read;
    }
    reader_.release();
  }
  writer.join();
}

TEST(RingReader, SurvivesArbitraryBytes) {
  SharedSession session(2, kSlots);
  std::uint64_t random = 88172645463325252ull;
  for (std::size_t i = 0; i < session.memory().layout().total_bytes / 8; ++i) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    reinterpret_cast<std::uint64_t*>(session.bytes())[i] = random;
  }
  RingReader reader(session.memory(), 1);
  Event event;
  std::size_t read = 0;
  while (read < 1000 && reader.next(event)) ++read;
  EXPECT_LE(read, kSlots);
}

}  // namespace
}  // namespace memoir
