// Vectors that come back: BufferPool and PooledBuffer of the FASTQ module.

#include <string>
#include <thread>
#include <vector>

#include "memoir/vector_pool.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

class VectorPoolTest : public ::testing::Test {
 protected:
  finding_log log_;
  failing_resource upstream_;
};

TEST_F(VectorPoolTest, FQ_1_threads_share_it) {
  vector_pool<char> pool{256};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, t] {
      for (int i = 0; i < 500; ++i) {
        auto lent = pool.acquire();
        lent->assign(100, static_cast<char>('a' + t));
        ASSERT_EQ(lent->back(), 'a' + t);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const pool_stats stats = pool.stats();
  EXPECT_EQ(stats.total_acquisitions, 2000u);
  EXPECT_LE(stats.growth_events, 4u);
  EXPECT_EQ(stats.available_buffers, stats.total_allocated);
  EXPECT_NO_FINDING(log_);
}

TEST_F(VectorPoolTest, FQ_2_sixty_four_are_kept) {
  vector_pool<> pool{64};
  EXPECT_EQ(pool.max_buffers(), 64u);
  EXPECT_EQ(pool.buffer_size(), 64u);
  std::vector<pooled_vector<std::byte>> all;
  for (int i = 0; i < 100; ++i) all.push_back(pool.acquire());
  all.clear();
  EXPECT_EQ(pool.idle(), 64u);
  EXPECT_EQ(pool.stats().freed, 36u);
  EXPECT_NO_FINDING(log_);
}

// Corpus: BufferPool::new of the original compares with a capacity that is 0, and never
// keeps anything.
TEST_F(VectorPoolTest, corpus_15_the_plain_constructor_pools) {
  vector_pool<> pool{64};
  for (int i = 0; i < 10; ++i) auto lent = pool.acquire();
  EXPECT_EQ(pool.stats().growth_events, 1u);
  EXPECT_GT(pool.stats().hit_rate(), 0.89);
}

TEST_F(VectorPoolTest, FQ_3_the_cap_is_what_was_said) {
  vector_pool<> pool{64, 3};
  std::vector<pooled_vector<std::byte>> all;
  for (int i = 0; i < 10; ++i) all.push_back(pool.acquire());
  all.clear();
  EXPECT_EQ(pool.idle(), 3u);
  vector_pool<> none{64, 0};
  none.acquire().release();
  EXPECT_EQ(none.idle(), 0u);
}

TEST_F(VectorPoolTest, FQ_4_empty_with_room_and_never_refused) {
  vector_pool<int> pool{100, 2, &upstream_};
  std::vector<pooled_vector<int>> all;
  for (int i = 0; i < 10; ++i) {
    all.push_back(pool.acquire());
    EXPECT_TRUE(all.back()->empty());
    EXPECT_GE(all.back()->capacity(), 100u);
  }
  all.clear();
  EXPECT_EQ(pool.acquire()->size(), 0u);
  EXPECT_EQ(upstream_.live_blocks(), 2u);
}

TEST_F(VectorPoolTest, FQ_4_a_hit_asks_for_nothing) {
  vector_pool<> pool{4096};
  pool.acquire().release();
  const std::size_t before = heap_allocations();
  for (int i = 0; i < 100; ++i) pool.acquire().release();
  EXPECT_EQ(heap_allocations(), before);
}

TEST_F(VectorPoolTest, FQ_5_clear_frees_what_is_idle) {
  vector_pool<> pool{64, 64, &upstream_};
  auto lent = pool.acquire();
  { auto other = pool.acquire(); }
  EXPECT_EQ(pool.clear(), 64u);
  EXPECT_EQ(upstream_.live_blocks(), 1u);
  lent->resize(64, std::byte{7});
  lent.release();
  EXPECT_EQ(pool.idle(), 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(VectorPoolTest, FQ_6_returns_when_it_ends) {
  vector_pool<char> pool{64};
  const char* first = nullptr;
  {
    auto lent = pool.acquire();
    lent->push_back('x');
    first = lent->data();
    auto moved = std::move(lent);
    EXPECT_FALSE(lent.valid());
    EXPECT_EQ(moved->data(), first);
    auto third = pool.acquire();
    third = std::move(moved);
    EXPECT_EQ(pool.idle(), 1u);
  }
  EXPECT_EQ(pool.idle(), 2u);
  EXPECT_EQ(pool.acquire()->data(), first);
  EXPECT_NO_FINDING(log_);
}

TEST_F(VectorPoolTest, FQ_6_a_moved_vector_is_gone) {
  vector_pool<char> pool{64};
  auto lent = pool.acquire();
  const auto moved = std::move(lent);
  EXPECT_THROW(lent.as_vector(), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
}

TEST_F(VectorPoolTest, FQ_6_may_outlive_the_pool) {
  pooled_vector<char> lent;
  unsigned line = 0;
  {
    line = __LINE__ + 1;
    vector_pool<char> pool{64, 64, &upstream_};
    lent = pool.acquire();
  }
  EXPECT_ONE_FINDING(log_, finding::pool_destroyed_with_live_blocks, line);
  lent->assign(200, 'x');
  EXPECT_EQ(lent->back(), 'x');
  lent.release();
  EXPECT_EQ(upstream_.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(VectorPoolTest, FQ_7_comes_back_empty_with_its_room) {
  vector_pool<std::string> pool{8, 4, &upstream_};
  {
    auto lent = pool.acquire();
    for (int i = 0; i < 20; ++i) lent->push_back(std::string(100, 'x'));
  }
  {
    auto lent = pool.acquire();
    EXPECT_TRUE(lent->empty());
    EXPECT_EQ(lent->capacity(), 32u);  // what it had grown to
    for (int i = 0; i < 32; ++i) lent->emplace_back("y");
    EXPECT_EQ(lent->capacity(), 32u);
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(VectorPoolTest, FQ_7_writes_through_an_old_pointer_are_told) {
  vector_pool<char> pool{64};
  auto lent = pool.acquire();
  lent->push_back('x');
  char* old = lent->data();
  lent.release();
  if constexpr (is_tracking) *old = 'y';
  auto next = pool.acquire();
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
}

TEST_F(VectorPoolTest, FQ_8_above_the_cap_it_is_freed) {
  vector_pool<> pool{64, 1, &upstream_};
  auto a = pool.acquire();
  auto b = pool.acquire();
  a.release();
  EXPECT_EQ(upstream_.live_blocks(), 2u);
  b.release();
  EXPECT_EQ(upstream_.live_blocks(), 1u);
  EXPECT_EQ(pool.stats().over_cap, 1u);
}

TEST_F(VectorPoolTest, FQ_9_it_is_a_vector) {
  vector_pool<char> pool{4};
  auto lent = pool.acquire();
  const std::string text = "@seq";
  lent->insert(lent->end(), text.begin(), text.end());
  (*lent)[0] = '>';
  lent.as_vector().push_back('!');  // beyond the pool's size: it grows
  EXPECT_EQ(std::string(lent->begin(), lent->end()), ">seq!");
  const auto& fixed = lent;
  EXPECT_EQ(fixed->size(), 5u);
  EXPECT_EQ((*fixed).front(), '>');
}

TEST_F(VectorPoolTest, FQ_9_beyond_its_room_is_told) {
  vector_pool<char> pool{20};
  {
    auto lent = pool.acquire();
    if constexpr (is_tracking) lent->data()[20] = 1;
    lent.release();
    EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  }
}

// Corpus: what grew a lot is not kept in the place of a small one, unless it is asked
// for, which is told.
TEST_F(VectorPoolTest, corpus_21_what_grew_a_lot_is_not_kept) {
  vector_pool<char> pool{16};
  {
    auto lent = pool.acquire();
    lent->resize(1 << 20);
  }
  EXPECT_LE(pool.stats().bytes_idle, 64u);
  EXPECT_LE(pool.acquire()->capacity(), 64u);
  EXPECT_NO_FINDING(log_);

  vector_pool<char> keeping{16, {.max_buffers = 4, .max_kept_size = 2 << 20}};
  auto lent = keeping.acquire();
  lent->resize(1 << 20);
  lent.release();
  EXPECT_ONE_FINDING(log_, finding::over_retention, __LINE__ - 1);
  EXPECT_EQ(keeping.acquire()->capacity(), std::size_t{1} << 20);
}

TEST_F(VectorPoolTest, FQ_E1_process_with_pool) {
  vector_pool<char> pool{4096, 64, &upstream_};
  std::size_t bytes = 0;
  for (int i = 0; i < 1000; ++i) {
    auto lent = pool.acquire();
    const std::string text = "@seq" + std::to_string(i);
    lent->insert(lent->end(), text.begin(), text.end());
    bytes += lent->size();
  }
  EXPECT_EQ(bytes, 4u * 1000 + 10 + 180 + 2700);
  EXPECT_EQ(pool.stats().growth_events, 1u);
  EXPECT_EQ(pool.stats().total_acquisitions, 1000u);
  EXPECT_EQ(upstream_.allocations(), 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(VectorPoolTest, FQ_P1_idle_bytes_and_misses_are_known) {
  // A larger cap keeps more idle, and misses less.
  std::size_t last_misses = ~std::size_t{0};
  std::size_t last_idle = 0;
  for (const std::size_t cap : {1u, 4u, 16u}) {
    vector_pool<> pool{1024, cap};
    for (int round = 0; round < 10; ++round) {
      std::vector<pooled_vector<std::byte>> all;
      for (int i = 0; i < 16; ++i) all.push_back(pool.acquire());
    }
    const pool_stats stats = pool.stats();
    EXPECT_LT(stats.misses, last_misses);
    EXPECT_GT(stats.bytes_idle, last_idle);
    last_misses = stats.misses;
    last_idle = stats.bytes_idle;
  }
}

TEST_F(VectorPoolTest, EveryFailingAllocationLeavesAllAsItWas) {
  for (std::size_t n = 0; n < 3; ++n) {
    vector_pool<char> pool{64, 4, &upstream_};
    upstream_.fail_after(n);
    std::vector<pooled_vector<char>> all;
    for (int i = 0; i < 3; ++i) {
      auto lent = pool.try_acquire();
      EXPECT_EQ(lent.has_value(), static_cast<std::size_t>(i) < n);
      if (lent) {
        all.push_back(std::move(*lent));
      } else {
        EXPECT_EQ(lent.error(), errc::out_of_memory);
      }
    }
    EXPECT_THROW(static_cast<void>(pool.acquire()), std::bad_alloc);
    if (!all.empty()) {
      all[0]->push_back('x');
      EXPECT_THROW(all[0]->reserve(1000), std::bad_alloc);
      EXPECT_EQ(all[0]->size(), 1u);
    }
    upstream_.never_fail();
    EXPECT_EQ(pool.stats().buffers_in_use, n);
  }
  EXPECT_EQ(upstream_.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(VectorPoolTest, SizesThatCannotBe) {
  EXPECT_THROW(vector_pool<int>(~std::size_t{0} / 2), std::invalid_argument);
  vector_pool<int> none{0};
  EXPECT_GE(none.acquire()->capacity(), 1u);
}

}  // namespace
}  // namespace memoir
