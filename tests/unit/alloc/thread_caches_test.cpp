// What threads keep of a pool: found again, taken over, taken back.

#include "memoir/detail/thread_caches.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "memoir/memory_pool.h"
#include "memoir/sized_pool.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

struct counted_cache : detail::thread_cache {
  explicit counted_cache(detail::thread_life& life) : thread_cache{life} { ++made; }
  ~counted_cache() { --made; }
  long value = 0;
  static inline int made = 0;
};

class ThreadCachesTest : public ::testing::Test {
 protected:
  counted_cache* mine() {
    const std::lock_guard held{mutex_};
    return caches_.of_thread(
        [](detail::thread_life& life) { return new counted_cache{life}; });
  }
  static void in_a_thread(const std::function<void()>& work) { std::thread{work}.join(); }

  std::mutex mutex_;
  detail::thread_caches<counted_cache> caches_;
  finding_log log_;
};

TEST_F(ThreadCachesTest, AreFoundAgainByTheirThreadAlone) {
  EXPECT_EQ(caches_.at_hand(), nullptr);
  EXPECT_TRUE(caches_.empty());
  counted_cache* const ours = mine();
  EXPECT_EQ(caches_.at_hand(), ours);
  EXPECT_EQ(mine(), ours);
  in_a_thread([&] {
    EXPECT_EQ(caches_.at_hand(), nullptr);
    EXPECT_NE(mine(), ours);
  });
}

TEST_F(ThreadCachesTest, ThoseOfThreadsThatAreGoneAreTakenOverWithWhatIsInThem) {
  counted_cache* left = nullptr;
  in_a_thread([&] { (left = mine())->value = 7; });
  EXPECT_TRUE(left->is_orphan());
  EXPECT_TRUE(caches_.may_have_orphans());
  EXPECT_EQ(mine(), left);
  EXPECT_EQ(left->value, 7);
  EXPECT_FALSE(left->is_orphan());
  caches_.note_ended();
  EXPECT_FALSE(caches_.may_have_orphans());
  EXPECT_EQ(counted_cache::made, 1);
}

// A thread has places for some pools only; a cache that lost its place is not made twice.
TEST_F(ThreadCachesTest, AreNotMadeTwiceWhereManyPoolsAreUsed) {
  counted_cache* const ours = mine();
  std::vector<std::unique_ptr<detail::thread_caches<counted_cache>>> others;
  for (std::size_t i = 0; i < detail::kThreadSlots; ++i) {
    others.push_back(std::make_unique<detail::thread_caches<counted_cache>>());
    others.back()->of_thread(
        [](detail::thread_life& life) { return new counted_cache{life}; });
  }
  EXPECT_EQ(caches_.at_hand(), nullptr);
  EXPECT_EQ(mine(), ours);
  EXPECT_EQ(caches_.at_hand(), ours);
  others.clear();
  EXPECT_EQ(counted_cache::made, 1);
}

TEST_F(ThreadCachesTest, NoThreadIsInsideWhatWasRevoked) {
  std::atomic<bool> stop{false};
  std::atomic<int> running{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      counted_cache& own = *mine();
      ++running;
      while (!stop) {
        if (!own.lock.enter()) continue;
        ++own.value;
        own.lock.leave();
      }
    });
  }
  while (running != 3) std::this_thread::yield();
  for (int i = 0; i < 200; ++i) {
    const std::lock_guard held{mutex_};
    caches_.revoke();
    caches_.for_each([](counted_cache& one) { one.value = -1'000'000'000; });
    caches_.for_each(
        [](counted_cache& one) { EXPECT_EQ(one.value, -1'000'000'000) << "inside"; });
    caches_.allow();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

// Blocks that threads leave behind serve those that go on.
TEST_F(ThreadCachesTest, WhatEndedThreadsKeptIsHandedOutAgain) {
  failing_resource upstream;
  sized_pool sized{{.thread_cache = 8, .trim_interval = 0}, &upstream};
  sized.acquire(100).release();
  for (int i = 0; i < 20; ++i) {
    in_a_thread([&] {
      std::vector<pooled_bytes> all;
      for (int k = 0; k < 8; ++k) all.push_back(sized.acquire(100));
    });
  }
  EXPECT_LE(upstream.allocations(), 9u);
  std::vector<pooled_bytes> all;
  for (int k = 0; k < 8; ++k) all.push_back(sized.acquire(100));
  EXPECT_LE(upstream.allocations(), 9u);

  system_allocator system;
  memory_pool pool{system};
  static_cast<void>(pool.allocate<int>(100));
  in_a_thread([&] {
    std::vector<buffer<int>> some;
    for (int k = 0; k < 40; ++k) some.push_back(pool.allocate<int>(100));
  });
  const std::uint64_t before = pool.stats().misses;
  std::vector<buffer<int>> some;
  for (int k = 0; k < 40; ++k) some.push_back(pool.allocate<int>(100));
  EXPECT_EQ(pool.stats().misses, before);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
