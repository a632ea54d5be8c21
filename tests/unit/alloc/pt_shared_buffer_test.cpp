// shared_buffer: the last of its owners frees it.

#include <atomic>
#include <thread>
#include <vector>

#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class SharedBufferTest : public ::testing::Test {
 protected:
  auto counting() {
    return [this](int* memory) {
      ++deleted_;
      delete[] memory;
    };
  }
  shared_buffer<int> make(std::size_t count) {
    return {new int[count], count, counting()};
  }

  std::atomic<int> deleted_ = 0;
  finding_log log_;
};

TEST_F(SharedBufferTest, PT_8_is_copied_and_moved) {
  shared_buffer<int> a = make(2);
  shared_buffer<int> b = a;
  EXPECT_EQ(a.use_count(), 2u);
  EXPECT_EQ(a.get(), b.get());
  shared_buffer<int> c = std::move(a);
  EXPECT_EQ(c.use_count(), 2u);
  EXPECT_EQ(a, nullptr);  // NOLINT: moved from
  a = c;
  EXPECT_EQ(c.use_count(), 3u);
  shared_buffer<int>& same = c;
  c = same;
  EXPECT_EQ(c.use_count(), 3u);
  b = make(1);
  EXPECT_EQ(c.use_count(), 2u);
  c = std::move(a);
  EXPECT_EQ(c.use_count(), 1u);
  EXPECT_EQ(deleted_, 0);
  c = nullptr;
  EXPECT_EQ(deleted_, 1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SharedBufferTest, PT_17_use_count) {
  shared_buffer<int> empty;
  EXPECT_EQ(empty.use_count(), 0u);
  shared_buffer<int> a(10);
  EXPECT_EQ(a.use_count(), 1u);
  {
    shared_buffer<int> b(a);
    EXPECT_EQ(b.use_count(), 2u);
  }
  EXPECT_EQ(a.use_count(), 1u);
  a.reset();
  EXPECT_EQ(a.use_count(), 0u);
  EXPECT_EQ(a.size(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SharedBufferTest, PT_17_counts_across_threads) {
  shared_buffer<int> buffer = make(64);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([buffer, t] {
      for (int i = 0; i < 1000; ++i) {
        shared_buffer<int> mine = buffer;
        shared_buffer<int> moved = std::move(mine);
        moved.data()[t] = i;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  threads.clear();
  EXPECT_EQ(buffer.use_count(), 1u);
  EXPECT_EQ(buffer[3], 999);
  buffer.reset();
  EXPECT_EQ(deleted_, 1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SharedBufferTest, PT_17_the_last_thread_frees) {
  for (int round = 0; round < 50; ++round) {
    shared_buffer<int> buffer = make(1);
    std::thread other([mine = buffer]() mutable { mine.reset(); });
    buffer.reset();
    other.join();
    EXPECT_EQ(deleted_, round + 1);
  }
}

TEST_F(SharedBufferTest, PT_17_released_only_by_a_single_owner) {
  shared_buffer<int> a = make(3);
  shared_buffer<int> b = a;
  EXPECT_FALSE(a.release().has_value());
  EXPECT_EQ(a.use_count(), 2u);
  b.reset();
  auto released = a.release();
  ASSERT_TRUE(released.has_value());
  EXPECT_EQ(a, nullptr);
  EXPECT_EQ(released->size(), 3u);
  EXPECT_EQ(deleted_, 0);
  released->free();
  EXPECT_EQ(deleted_, 1);
  EXPECT_FALSE(a.release().has_value());
  EXPECT_NO_FINDING(log_);
}

TEST_F(SharedBufferTest, PT_17_says_who_shares_it) {
  shared_buffer<int> a = make(1);
  const unsigned second = __LINE__ + 1;
  shared_buffer<int> b = a;
  std::vector<unsigned> lines;
  a.each_sharer([&](const buffer_sharer& sharer) {
    EXPECT_EQ(sharer.thread, std::this_thread::get_id());
    lines.push_back(sharer.where.line);
  });
  if constexpr (is_tracking) {
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], second);
  } else {
    EXPECT_TRUE(lines.empty());
  }
  shared_buffer<int> c = std::move(b);
  a.reset();
  lines.clear();
  c.each_sharer([&](const buffer_sharer& sharer) { lines.push_back(sharer.where.line); });
  if constexpr (is_tracking) {
    EXPECT_EQ(lines, std::vector<unsigned>{second});
  }
}

TEST_F(SharedBufferTest, PT_21_unique_buffers_become_shared) {
  unique_buffer<int> unique(new int[2]{1, 2}, 2, counting());
  int* const memory = unique.get();
  shared_buffer<int> shared = std::move(unique);
  EXPECT_EQ(unique, nullptr);  // NOLINT: moved from
  EXPECT_EQ(shared.get(), memory);
  EXPECT_EQ(deleted_, 0);
  shared.reset();
  EXPECT_EQ(deleted_, 1);
  shared = unique_buffer<int>(3).to_shared();
  EXPECT_EQ(shared.size(), 3u);
  EXPECT_EQ(shared_buffer<int>(unique_buffer<int>{}).use_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(SharedBufferTest, PT_10_views_of_shared_buffers) {
  shared_buffer<int> buffer(3);
  buffer_view<int> view = buffer.view();
  view[1] = 4;
  EXPECT_EQ(buffer[1], 4);
  const shared_buffer<int>& constant = buffer;
  static_assert(std::is_same_v<decltype(constant.view()), buffer_view<const int>>);
  EXPECT_NO_FINDING(log_);
  buffer.reset();
  EXPECT_EQ(view.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_free, __LINE__ - 1);
}

TEST_F(SharedBufferTest, PT_7_access_to_shared_buffers_is_checked) {
  shared_buffer<int> buffer(3);
  EXPECT_THROW(buffer[3] = 0, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(shared_buffer<int>{}.at(0), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(SharedBufferTest, PT_U7_no_memory_is_lost_that_has_no_elements) {
  { shared_buffer<int> buffer(new int[1], 0, counting()); }
  EXPECT_EQ(deleted_, 1);
  EXPECT_THROW(shared_buffer<int>(nullptr, 1, counting()), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(SharedBufferTest, CORPUS_24_shared_memory_without_elements_is_freed) {
  auto* memory = new int[1];
  shared_buffer<int> a(memory, 0, counting());
  shared_buffer<int> b = a;
  EXPECT_EQ(b.use_count(), 2u);
  a.reset();
  EXPECT_EQ(deleted_, 0);
  b.reset();
  EXPECT_EQ(deleted_, 1);
}

}  // namespace
}  // namespace memoir
