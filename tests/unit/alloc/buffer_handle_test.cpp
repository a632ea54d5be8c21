// The core of all owning buffers, over a little pool that may end before its blocks.

#include "memoir/detail/buffer_handle.h"

#include <array>
#include <type_traits>
#include <utility>

#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

using detail::block_owner;
using detail::buffer_handle;
using detail::owner_ref;

static_assert(!std::is_copy_constructible_v<buffer_handle>);
static_assert(std::is_nothrow_move_constructible_v<buffer_handle>);

// One block; counts what happens to it.
class little_owner final : public block_owner {
 public:
  little_owner(int& returned, int& ended) : returned_{returned}, ended_{ended} {}
  ~little_owner() override { ++ended_; }

  buffer_handle acquire(site where) {
    retain();
    const auto number = watch_.allocated(block(), 32, 16, where);
    return {block(), 32, *this, number};
  }
  void take_back(void* address, std::size_t, detail::block_number number,
                 site where) noexcept override {
    if (!watch_.released(address, number, where)) return;
    ++returned_;
    release();
  }
  const detail::pool_watch& watch() const noexcept override { return watch_; }

 private:
  void* block() { return memory_.data() + 16; }

  int& returned_;
  int& ended_;
  alignas(16) std::array<std::byte, 64> memory_{};
  detail::pool_watch watch_{"little", detail::watch_style::pool, site::current()};
};

class BufferHandleTest : public ::testing::Test {
 protected:
  int returned_ = 0;
  int ended_ = 0;
  finding_log log_;
  owner_ref<little_owner> pool_{new little_owner{returned_, ended_}};
};

TEST_F(BufferHandleTest, GivesItsBlockBackOnce) {
  {
    buffer_handle held = pool_->acquire(site::current());
    EXPECT_TRUE(held.check("buffer", site::current()));
    EXPECT_EQ(held.size_bytes(), 32u);
    held.give_back(site::current());
    EXPECT_FALSE(held.holds_block());
    held.give_back(site::current());
  }
  EXPECT_EQ(returned_, 1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferHandleTest, MovesAreToldWhenTheSourceIsUsed) {
  buffer_handle first = pool_->acquire(site::current());
  buffer_handle second = std::move(first);
  EXPECT_TRUE(second.check("buffer", site::current()));
  EXPECT_NO_FINDING(log_);
  EXPECT_FALSE(first.check("buffer", site::current()));  // NOLINT: moved from
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  first = std::move(second);
  EXPECT_TRUE(first.check("buffer", site::current()));
  EXPECT_EQ(returned_, 0);
  EXPECT_FALSE(buffer_handle{}.check("buffer", site::current()));
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferHandleTest, ThePoolMayEndFirst) {
  buffer_handle held = pool_->acquire(site::current());
  pool_ = {};
  EXPECT_EQ(ended_, 0);
  held.give_back(site::current());
  EXPECT_EQ(returned_, 1);
  EXPECT_EQ(ended_, 1);
}

TEST_F(BufferHandleTest, DetachedBlocksAreTheCallers) {
  buffer_handle held = pool_->acquire(site::current());
  detail::detached_block block = held.detach();
  EXPECT_FALSE(held.holds_block());
  EXPECT_FALSE(held.check("buffer", site::current()));
  EXPECT_NO_FINDING(log_);
  buffer_handle again{block};
  EXPECT_TRUE(again.check("buffer", site::current()));
  again.give_back(site::current());
  EXPECT_EQ(returned_, 1);
}

// What is known of a block is not asked for again until a block of the pool has ended.
TEST_F(BufferHandleTest, BlocksThatWereLiveBeforeAreLookedAtAgain) {
  if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the block";
  buffer_handle held = pool_->acquire(site::current());
  EXPECT_TRUE(held.check("buffer", site::current()));
  buffer_handle moved = std::move(held);
  EXPECT_TRUE(moved.check("buffer", site::current()));
  EXPECT_NO_FINDING(log_);
  moved.owner().retain();
  moved.owner().take_back(moved.data(), 32, moved.number(), site::current());
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(moved.check("buffer", site::current()));
    EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
  }
  buffer_handle next = pool_->acquire(site::current());
  EXPECT_FALSE(moved.check("buffer", site::current()));
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  EXPECT_TRUE(next.check("buffer", site::current()));
  EXPECT_NO_FINDING(log_);
  static_cast<void>(moved.detach());
  pool_->release();
}

TEST_F(BufferHandleTest, BlocksThatCameBackOtherwiseAreStale) {
  if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the block";
  buffer_handle held = pool_->acquire(site::current());
  held.owner().retain();
  held.owner().take_back(held.data(), 32, held.number(), site::current());
  EXPECT_FALSE(held.check("buffer", site::current()));
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
  held.give_back(site::current());
  EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
  EXPECT_EQ(returned_, 1);
  pool_->release();
}

}  // namespace
}  // namespace memoir
