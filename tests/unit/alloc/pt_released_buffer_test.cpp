// released_buffer: memory that nobody manages until somebody does.

#include <type_traits>

#include "memoir/buffer/released_buffer.h"
#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class ReleasedBufferTest : public ::testing::Test {
 protected:
  auto counting() {
    return [this](int* memory) {
      ++deleted_;
      delete[] memory;
    };
  }
  unique_buffer<int> make(std::size_t count) {
    return {new int[count], count, counting()};
  }

  int deleted_ = 0;
  finding_log log_;
};

TEST_F(ReleasedBufferTest, PT_14_says_what_it_holds_and_frees_on_request) {
  released_buffer<int> released = make(3).release();
  EXPECT_EQ(released.size(), 3u);
  EXPECT_EQ(released.size_bytes(), 3 * sizeof(int));
  EXPECT_EQ(released.location(), memory_location::host);
  EXPECT_TRUE(released);
  EXPECT_EQ(deleted_, 0);
  released.free();
  EXPECT_FALSE(released);
  EXPECT_EQ(deleted_, 1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ReleasedBufferTest, PT_14_abandoned_memory_is_reported_at_the_release) {
  int* memory = nullptr;
  unsigned line = 0;
  {
    unique_buffer<int> buffer = make(3);
    line = __LINE__ + 1;
    released_buffer<int> released = buffer.release();
    memory = released.get();
  }
  EXPECT_ONE_FINDING(log_, finding::abandoned_release, line);
  EXPECT_EQ(deleted_, 0);
  delete[] memory;
}

TEST_F(ReleasedBufferTest, PT_14_freeing_twice_is_reported) {
  released_buffer<int> released = make(3).release();
  released.free();
  released.free();
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
  EXPECT_EQ(deleted_, 1);
  released_buffer<int> nothing;
  nothing.free();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ReleasedBufferTest, PT_14_is_moved_and_not_copied) {
  static_assert(!std::is_copy_constructible_v<released_buffer<int>>);
  static_assert(!std::is_copy_assignable_v<released_buffer<int>>);
  released_buffer<int> a = make(1).release();
  released_buffer<int> b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT: moved from
  b.free();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ReleasedBufferTest, PT_14_deleters_go_along) {
  unique_buffer<int> again = make(2).release().adopt();
  EXPECT_EQ(again.size(), 2u);
  again.reset();
  EXPECT_EQ(deleted_, 1);
  shared_buffer<int> shared(make(2).release());
  shared.reset();
  EXPECT_EQ(deleted_, 2);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ReleasedBufferTest, PT_15_can_be_made_by_hand) {
  released_buffer<int> released(new int[5], 5, counting(), memory_location::unified);
  EXPECT_EQ(released.location(), memory_location::unified);
  unique_buffer<int> owner(std::move(released));
  EXPECT_EQ(owner.location(), memory_location::unified);
  EXPECT_EQ(owner.size(), 5u);
  owner.reset();
  EXPECT_EQ(deleted_, 1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ReleasedBufferTest, PT_9_the_line_of_the_release_stays_with_the_block) {
  released_buffer<int> first = make(1).release();
  const unsigned line = __LINE__ - 1;
  released_buffer<int> moved = std::move(first);
  delete[] moved.get();
  moved = {};
  EXPECT_ONE_FINDING(log_, finding::abandoned_release, line);
}

TEST_F(ReleasedBufferTest, CORPUS_5_released_memory_abandoned_or_owned_twice) {
  auto* memory = new int[2];
  released_buffer<int>(memory, 2, counting());
  EXPECT_ONE_FINDING(log_, finding::abandoned_release, __LINE__ - 1);
  if constexpr (is_tracking) {
    unique_buffer<int> a(memory, 2, counting());
    unique_buffer<int> b(memory, 2, counting());
    b.reset();
    EXPECT_EQ(deleted_, 1);
    a.reset();
    EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
    EXPECT_EQ(deleted_, 1);
  } else {
    delete[] memory;
  }
}

}  // namespace
}  // namespace memoir
