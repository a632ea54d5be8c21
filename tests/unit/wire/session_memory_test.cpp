#include "wire/session_memory.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/shared_session.h"

namespace memoir {
namespace {

TEST(SessionLayout, PutsNothingOnTopOfAnother) {
  const SessionLayout layout = make_session_layout(5, 1000, 12345, 777);
  EXPECT_EQ(layout.ring_slots, 1024u);
  EXPECT_GE(layout.ring_headers, sizeof(SessionHeader));
  EXPECT_GE(layout.buckets, layout.ring_headers + 5 * sizeof(RingHeader));
  EXPECT_GE(layout.nodes, layout.buckets + 4ull * layout.bucket_count);
  EXPECT_GE(layout.text, layout.nodes + 12345 * sizeof(StackNode));
  EXPECT_GE(layout.rings, layout.text + 777);
  EXPECT_GE(layout.total_bytes, layout.rings + 5ull * 1024 * sizeof(EventSlot));
}

TEST(SessionLayout, OnlyWhatItMakesIsValid) {
  const SessionLayout good = make_session_layout(5, 1024, 12345, 777);
  EXPECT_TRUE(is_valid_layout(good, good.total_bytes));
  EXPECT_FALSE(is_valid_layout(good, good.total_bytes - 1));
  for (int field = 0; field < 11; ++field) {
    SessionLayout bad = good;
    std::uint64_t* wide[] = {&bad.total_bytes, &bad.ring_headers, &bad.buckets,
                             &bad.nodes,       &bad.text,         &bad.rings};
    std::uint32_t* narrow[] = {&bad.ring_count, &bad.ring_slots, &bad.bucket_count,
                               &bad.node_capacity, &bad.text_bytes};
    if (field < 6) {
      *wide[field] += 4096;
    } else {
      *narrow[field - 6] += 5000;
    }
    EXPECT_FALSE(is_valid_layout(bad, ~0ull)) << field;
  }
  SessionLayout empty;
  EXPECT_FALSE(is_valid_layout(empty, ~0ull));
}

TEST(SessionMemory, KeepsTextUntilItIsFull) {
  SharedSession session(1, 2, 8, 16);
  const TextRef first = session.memory().add_text("0123456789", 10);
  EXPECT_EQ(first, 10ull << 32);
  EXPECT_EQ(session.memory().add_text("0123456", 7), 0u);
  const TextRef second = session.memory().add_text("abcdef", 6);
  EXPECT_EQ(second, (6ull << 32) | 10);
  EXPECT_EQ(session.memory().add_text("x", 1), 0u);
  EXPECT_EQ(std::string(session.memory().text(), 16), "0123456789abcdef");
}

TEST(SessionMemory, TextOfManyThreadsDoesNotOverlap) {
  SharedSession session(1, 2, 8, 1 << 16);
  std::vector<std::thread> threads;
  for (char letter = 'a'; letter < 'e'; ++letter) {
    threads.emplace_back([&session, letter] {
      const std::string text(16, letter);
      for (int i = 0; i < 1000; ++i) {
        const TextRef ref = session.memory().add_text(text.data(), text.size());
        ASSERT_NE(ref >> 32, 0u);
        ASSERT_EQ(std::string(session.memory().text() + (ref & 0xffffffff), 16), text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace memoir
