#include "unwind/stack_depot.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace memoir {
namespace {

// The memory of a depot.
struct Room {
  explicit Room(std::uint32_t capacity = 1024) : nodes(capacity) {}

  StackDepot depot() {
    return {nodes.data(), static_cast<std::uint32_t>(nodes.size()), buckets.data(),
            static_cast<std::uint32_t>(buckets.size()), &count};
  }

  std::vector<StackNode> nodes;
  std::array<std::atomic<std::uint32_t>, 64> buckets{};
  std::atomic<std::uint32_t> count{0};
};

TEST(StackDepot, TheSameStackHasTheSameNumber) {
  Room room;
  StackDepot depot = room.depot();
  const StackNodeId main = depot.intern(kNoStack, 100);
  const StackNodeId callee = depot.intern(main, 200);
  EXPECT_GE(main, kFirstStackNode);
  EXPECT_GT(callee, main);
  EXPECT_EQ(depot.intern(kNoStack, 100), main);
  EXPECT_EQ(depot.intern(main, 200), callee);
  EXPECT_EQ(depot.find(main, 200), callee);
  EXPECT_EQ(room.nodes[callee].parent, main);
}

TEST(StackDepot, AnotherCallerIsAnotherStack) {
  Room room;
  StackDepot depot = room.depot();
  const StackNodeId a = depot.intern(kNoStack, 100);
  const StackNodeId b = depot.intern(kNoStack, 101);
  EXPECT_NE(depot.intern(a, 200), depot.intern(b, 200));
  EXPECT_NE(depot.intern(a, 200), depot.intern(a, 200 | std::uint64_t{1} << kPcBits));
  EXPECT_EQ(depot.find(a, 300), kNoStack);
}

TEST(StackDepot, AFullDepotGivesTheKnownPart) {
  Room room(8);
  StackDepot depot = room.depot();
  StackNodeId stack = kNoStack;
  for (std::uint64_t pc = 1; pc <= 20; ++pc) stack = depot.intern(stack, pc * 16);
  EXPECT_EQ(stack, 7u);
  EXPECT_EQ(room.count.load(), 8u);
  EXPECT_EQ(depot.intern(kNoStack, 16), kFirstStackNode);
}

TEST(StackDepot, ChainsThatWereWrittenOverEnd) {
  Room room;
  StackDepot depot = room.depot();
  for (std::uint64_t pc = 1; pc <= 500; ++pc) depot.intern(kNoStack, pc * 16);
  for (StackNodeId id = 0; id < 600; ++id) {
    room.nodes[id].next = id % 2 == 0 ? id : 0xffffffff - id;  // round, and out of it
  }
  for (auto& bucket : room.buckets) {
    if (bucket.load() % 3 == 0) bucket.store(0x80000000);
  }
  for (std::uint64_t pc = 600; pc <= 700; ++pc) {
    depot.find(kNoStack, pc * 16);
    EXPECT_LT(depot.intern(kNoStack, pc * 16), room.nodes.size());
  }
}

TEST(StackDepot, ACallerOfThousandsFindsEachOfThem) {
  Room room(20'000);
  StackDepot depot = room.depot();
  const StackNodeId hub = depot.intern(kNoStack, 100);
  std::vector<StackNodeId> children;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_EQ(depot.find(hub, 4096 + i), kNoStack);
    children.push_back(depot.intern(hub, 4096 + i));
  }
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_EQ(depot.find(hub, 4096 + i), children[i]);
    EXPECT_EQ(depot.intern(hub, 4096 + i), children[i]);
  }
  // No number was given twice, and none wasted.
  EXPECT_EQ(room.count.load(), kFirstStackNode + 10'001);
}

TEST(StackDepot, ThreadsAgree) {
  Room room(100'000);
  StackDepot depot = room.depot();
  constexpr int kStacks = 2000;
  constexpr int kThreads = 4;
  std::array<std::vector<StackNodeId>, kThreads> seen;
  std::vector<std::thread> threads;
  for (auto& ids : seen) {
    threads.emplace_back([&depot, &ids] {
      for (std::uint64_t i = 0; i < kStacks; ++i) {
        const StackNodeId parent = depot.intern(kNoStack, i % 7 + 1);
        ids.push_back(depot.intern(parent, 1000 + i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& ids : seen) EXPECT_EQ(ids, seen[0]);
}

}  // namespace
}  // namespace memoir
