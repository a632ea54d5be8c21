// block_pool: each misuse is found, and told with the lines it concerns.

#include <cstring>
#include <memory>

#include "memoir/block_pool.h"
#include "memoir/buffer/shared_buffer.h"
#include "unit/alloc/counted_object.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class BlockPoolMisuseTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(BlockPoolMisuseTest, PT_22_a_pool_may_end_before_its_blocks) {
  failing_resource upstream;
  auto pool =
      std::make_unique<block_pool<int>>(8, 2, block_pool_options{.upstream = &upstream});
  unique_buffer<int> buffer = pool->acquire();
  const unsigned line = __LINE__ - 1;
  buffer_view<int> view = buffer.view();
  {
    MEMOIR_SITE_SCOPE();
    pool.reset();
  }
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::pool_destroyed_with_live_blocks);
    EXPECT_EQ(found[0].allocated.line, line);
    EXPECT_EQ(found[0].where.line, static_cast<unsigned>(__LINE__ - 8));
  }
  // Still good, until the last one is back.
  buffer[7] = 1;
  EXPECT_TRUE(view.check());
  EXPECT_EQ(upstream.live_blocks(), 1u);
  buffer.reset();
  EXPECT_EQ(upstream.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
  EXPECT_EQ(view.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
}

TEST_F(BlockPoolMisuseTest, CORPUS_4_a_pool_dies_before_its_shared_buffers) {
  shared_buffer<int> buffer;
  {
    block_pool<int> pool(8, 100);
    buffer = pool.acquire();
    unique_buffer<int> back = pool.acquire();
  }
  const auto found = log_.take();
  EXPECT_EQ(found.size(), is_tracking ? 1u : 0u);
  shared_buffer<int> second = buffer;
  buffer.reset();
  second[0] = 1;
  second.reset();
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolMisuseTest, PT_W2_blocks_are_not_returned_twice) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = pool.acquire();
  int* const memory = buffer.get();
  EXPECT_TRUE(pool.give_back(memory));
  EXPECT_NO_FINDING(log_);
  buffer.reset();
  EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
  EXPECT_EQ(pool.available(), 2u);
}

TEST_F(BlockPoolMisuseTest, CORPUS_3_double_return_does_not_make_two_owners) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  block_pool<int> pool(8, 2);
  int* const memory = pool.acquire().release().detach();
  EXPECT_TRUE(pool.give_back(memory));
  EXPECT_FALSE(pool.give_back(memory));
  const auto found = log_.take();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, finding::double_return);
  EXPECT_EQ(found[0].where.line, static_cast<unsigned>(__LINE__ - 4));
  EXPECT_EQ(found[0].released.line, static_cast<unsigned>(__LINE__ - 6));
  EXPECT_EQ(found[0].allocated.line, static_cast<unsigned>(__LINE__ - 8));
  unique_buffer<int> a = pool.acquire(), b = pool.acquire();
  EXPECT_NE(a.data(), b.data());
}

TEST_F(BlockPoolMisuseTest, PT_W2_a_block_that_is_anothers_by_now) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  block_pool<int> pool(8, 2);
  unique_buffer<int> old = pool.acquire();
  pool.give_back(old.get());
  unique_buffer<int> young = pool.acquire();
  ASSERT_EQ(old.get(), young.get());
  static_cast<void>(old.span());
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  old.reset();
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  EXPECT_EQ(pool.in_use(), 1u);
}

TEST_F(BlockPoolMisuseTest, PT_21_blocks_of_another_pool_are_refused) {
  block_pool<int> ours(8, 2);
  block_pool<int> theirs(8, 2);
  int* const memory = theirs.acquire().release().detach();
  EXPECT_FALSE(ours.give_back(memory));
  EXPECT_ONE_FINDING(log_, finding::foreign_return, __LINE__ - 1);
  EXPECT_FALSE(ours.give_back(memory + 1));
  EXPECT_EQ(log_.take().size(), is_tracking ? 1u : 0u);
  int local = 0;
  EXPECT_FALSE(ours.give_back(&local));
  EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
  EXPECT_TRUE(theirs.give_back(memory));
  EXPECT_EQ(theirs.available(), 2u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolMisuseTest, PT_18_interior_addresses_are_refused) {
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = pool.acquire();
  EXPECT_FALSE(pool.give_back(buffer.get() + 1));
  EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
}

TEST_F(BlockPoolMisuseTest, PT_W3_writes_through_stale_pointers_are_found) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  block_pool<int> pool(8, 2);
  int* stale = nullptr;
  {
    unique_buffer<int> buffer = pool.acquire();
    stale = buffer.get();
  }
  stale[3] = 1;
  unique_buffer<int> next = pool.acquire();
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
  next.reset();
  stale[2] = 1;
  EXPECT_EQ(pool.verify(), 1u);
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
}

TEST_F(BlockPoolMisuseTest, PT_10_views_of_returned_blocks_are_stale) {
  block_pool<int> pool(8, 2);
  unique_buffer<int> buffer = pool.acquire();
  buffer_view<int> view = buffer.view();
  EXPECT_TRUE(view.check());
  buffer.reset();
  EXPECT_EQ(view.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
  buffer = pool.acquire();
  EXPECT_EQ(view.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
}

TEST_F(BlockPoolMisuseTest, PT_W4_writes_into_the_neighbour_are_found) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  block_pool<char> pool(24, 2);
  unique_buffer<char> buffer = pool.acquire();
  unique_buffer<char> neighbour = pool.acquire();
  buffer.data()[24] = 1;
  buffer.reset();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  neighbour.data()[-1] = 1;
  EXPECT_EQ(pool.verify(), 1u);
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(BlockPoolMisuseTest, CORPUS_23_what_the_last_owner_left_is_told) {
  block_pool<char> pool(16, 1, {.reuse = block_reuse::report_dirty});
  {
    unique_buffer<char> secret = pool.acquire();
    std::strcpy(secret.data(), "password");
  }
  EXPECT_NO_FINDING(log_);
  unique_buffer<char> next = pool.acquire();
  EXPECT_ONE_FINDING(log_, finding::dirty_reuse, __LINE__ - 1);
  std::memset(next.data(), 0, next.size());
  next.reset();
  next = pool.acquire();
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolMisuseTest, PT_W3_blocks_can_be_wiped) {
  block_pool<char> pool(16, 1, {.reuse = block_reuse::wipe});
  for (int round = 0; round < 2; ++round) {
    unique_buffer<char> block = pool.acquire();
    for (const char one : block.span()) EXPECT_EQ(one, 0);
    std::strcpy(block.data(), "password");
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolMisuseTest, PT_W3_clean_programs_may_leave_what_they_like) {
  block_pool<char> pool(16, 1);
  std::strcpy(pool.acquire().data(), "password");
  unique_buffer<char> next = pool.acquire();
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolMisuseTest, PT_14_abandoned_blocks_are_missing) {
  block_pool<int> pool(8, 1);
  int* memory = nullptr;
  {
    released_buffer<int> released = pool.acquire().release();
    memory = released.get();
  }
  EXPECT_ONE_FINDING(log_, finding::abandoned_release, __LINE__ - 3);
  EXPECT_FALSE(pool.try_acquire().has_value());
  EXPECT_TRUE(pool.give_back(memory));
  EXPECT_EQ(pool.available(), 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolMisuseTest, PT_U10_objects_are_destroyed_once) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  block_pool<counted_object> pool(3, 1);
  auto buffer = pool.acquire();
  auto* memory = buffer.get();
  buffer.reset();
  EXPECT_EQ(counted_object::live, 0);
  EXPECT_FALSE(pool.give_back(memory));
  EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
  EXPECT_EQ(counted_object::live, 0);
}

}  // namespace
}  // namespace memoir
