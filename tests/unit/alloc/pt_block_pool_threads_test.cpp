// block_pool: many threads, few blocks; and none out of reach.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "memoir/block_pool.h"
#include "memoir/buffer/shared_buffer.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

using namespace std::chrono_literals;

class BlockPoolThreadsTest : public ::testing::Test {
 protected:
  static void run(int threads, auto body) {
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) all.emplace_back(body, t);
    for (auto& thread : all) thread.join();
  }

  finding_log log_;
};

// Whoever else has the block would write something else into it.
void use(unique_buffer<std::uint64_t>& block, std::uint64_t mark) {
  for (auto& one : block) one = mark;
  for (const auto& one : block) ASSERT_EQ(one, mark);
}

TEST_F(BlockPoolThreadsTest, PT_19_blocks_have_one_owner) {
  block_pool<std::uint64_t> pool(8, 256);
  run(4, [&](int t) {
    std::array<unique_buffer<std::uint64_t>, 40> mine;
    for (std::uint64_t i = 0; i < 4000; ++i) {
      auto& block = mine[i * 7 % mine.size()];
      block = pool.acquire();
      use(block, i << 8 | static_cast<std::uint64_t>(t));
    }
  });
  EXPECT_EQ(pool.available(), 256u);
  EXPECT_LE(pool.peak_in_use(), 256u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolThreadsTest, PT_19_more_threads_than_blocks) {
  block_pool<std::uint64_t> pool(8, 10);
  std::atomic<int> served = 0;
  std::atomic<int> refused = 0;
  run(8, [&](int t) {
    for (int i = 0; i < 200; ++i) {
      auto first = pool.try_acquire();
      auto second = pool.try_acquire();
      if (first.has_value()) use(*first, static_cast<std::uint64_t>(t));
      (first.has_value() ? served : refused)++;
    }
  });
  EXPECT_EQ(served + refused, 1600);
  EXPECT_EQ(pool.available(), 10u);
  EXPECT_NO_FINDING(log_);
}

// Blocks that other threads keep at hand are had before the pool is exhausted.
TEST_F(BlockPoolThreadsTest, PT_19_no_block_is_out_of_reach) {
  block_pool<std::uint64_t> pool(8, 128);
  std::latch ready{4};
  std::latch done{1};
  std::vector<std::thread> idle;
  for (int t = 0; t < 3; ++t) {
    idle.emplace_back([&] {
      std::vector<unique_buffer<std::uint64_t>> some;
      for (int i = 0; i < 20; ++i) some.push_back(pool.acquire());
      some.clear();
      ready.count_down();
      done.wait();
    });
  }
  ready.arrive_and_wait();
  std::vector<unique_buffer<std::uint64_t>> all;
  for (int i = 0; i < 128; ++i) all.push_back(pool.acquire());
  EXPECT_FALSE(pool.try_acquire().has_value());
  EXPECT_GE(pool.counters().recalls, 1u);
  done.count_down();
  for (auto& thread : idle) thread.join();
  all.clear();
  EXPECT_EQ(pool.available(), 128u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolThreadsTest, PT_19_at_the_edge_of_exhaustion) {
  block_pool<std::uint64_t> pool(4, 64);
  std::atomic<std::uint64_t> got = 0;
  run(4, [&](int t) {
    for (int i = 0; i < 300; ++i) {
      std::vector<unique_buffer<std::uint64_t>> many;
      while (many.size() < 24) {
        auto one = pool.try_acquire();
        if (!one.has_value()) break;
        use(*one, static_cast<std::uint64_t>(t));
        many.push_back(std::move(*one));
        ++got;
      }
    }
  });
  EXPECT_GT(got, 0u);
  EXPECT_EQ(pool.available(), 64u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolThreadsTest, PT_4_blocks_go_from_thread_to_thread) {
  block_pool<std::uint64_t> pool(8, 128);
  std::mutex mutex;
  std::queue<unique_buffer<std::uint64_t>> queue;
  std::atomic<bool> over = false;
  std::thread consumer([&] {
    for (std::uint64_t expected = 0; expected < 3000;) {
      const std::lock_guard lock{mutex};
      for (; !queue.empty(); queue.pop()) {
        EXPECT_EQ(queue.front()[3], expected++);
      }
    }
    over = true;
  });
  for (std::uint64_t i = 0; i < 3000; ++i) {
    auto block = pool.acquire_for(10s);
    ASSERT_TRUE(block.has_value());
    (*block)[3] = i;
    const std::lock_guard lock{mutex};
    queue.push(std::move(*block));
  }
  consumer.join();
  EXPECT_TRUE(over);
  EXPECT_EQ(pool.available(), 128u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolThreadsTest, PT_U2_waiting_ends_when_a_block_comes_back) {
  for (const std::size_t blocks : {1u, 64u}) {
    block_pool<std::uint64_t> pool(8, blocks);
    std::vector<unique_buffer<std::uint64_t>> all;
    for (std::size_t i = 0; i < blocks; ++i) all.push_back(pool.acquire());
    std::thread returner([&] {
      while (pool.counters().waits == 0) std::this_thread::yield();
      all.pop_back();
    });
    auto block = pool.acquire_for(60s);
    EXPECT_TRUE(block.has_value());
    returner.join();
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolThreadsTest, PT_19_threads_come_and_go) {
  block_pool<std::uint64_t> pool(8, 64);
  for (int round = 0; round < 50; ++round) {
    run(3, [&](int t) {
      auto block = pool.acquire();
      use(block, static_cast<std::uint64_t>(t));
    });
  }
  EXPECT_EQ(pool.available(), 64u);
  std::vector<unique_buffer<std::uint64_t>> all;
  for (int i = 0; i < 64; ++i) all.push_back(pool.acquire());
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolThreadsTest, PT_19_many_pools_at_once) {
  std::vector<std::unique_ptr<block_pool<std::uint64_t>>> pools;
  for (int i = 0; i < 70; ++i) {
    pools.push_back(std::make_unique<block_pool<std::uint64_t>>(4, 32));
  }
  run(2, [&](int t) {
    for (int round = 0; round < 3; ++round) {
      std::vector<unique_buffer<std::uint64_t>> some;
      for (auto& pool : pools) {
        for (int i = 0; i < 5; ++i) some.push_back(pool->acquire());
        use(some.back(), static_cast<std::uint64_t>(t));
      }
    }
  });
  for (const auto& pool : pools) EXPECT_EQ(pool->available(), 32u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolThreadsTest, PT_22_a_pool_ends_while_threads_return_its_blocks) {
  for (int round = 0; round < 30; ++round) {
    std::vector<std::thread> threads;
    {
      block_pool<std::uint64_t> pool(4, 64);
      for (int t = 0; t < 3; ++t) {
        threads.emplace_back([a = pool.acquire(), b = pool.acquire()]() mutable {
          use(a, 1);
          a.reset();
          use(b, 2);
        });
      }
    }
    for (auto& thread : threads) thread.join();
  }
  // Where threads were slower than the pool.
  for (const auto& found : log_.take()) {
    EXPECT_EQ(found.kind, finding::pool_destroyed_with_live_blocks);
  }
}

// Destructors of threads may use pools, too.
TEST_F(BlockPoolThreadsTest, PT_19_threads_may_use_it_to_their_end) {
  static std::atomic<block_pool<std::uint64_t>*> shared;
  block_pool<std::uint64_t> pool(8, 64);
  shared = &pool;
  struct late_user {
    unique_buffer<std::uint64_t> block;
    ~late_user() {
      block.reset();
      use(block = shared.load()->acquire(), 3);
    }
    static void use(unique_buffer<std::uint64_t>& block, std::uint64_t mark) {
      memoir::use(block, mark);
    }
  };
  run(2, [&](int) {
    thread_local late_user before;
    before.block = pool.acquire();
  });
  EXPECT_EQ(pool.available(), 64u);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
