// The books behind all pools: a little pool on a buffer of its own.

#include "memoir/detail/pool_watch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <thread>

#include "alloc/ledgers.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class PoolWatchTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kSlot = 64;

  std::byte* slot(std::size_t i) { return memory_.data() + kSlot * i + 16; }

  finding_log log_;
  alignas(16) std::array<std::byte, 1024> memory_{};
  detail::pool_watch watch_{"test_pool", detail::watch_style::pool, site::current()};
};

TEST_F(PoolWatchTest, CleanUseFindsNothing) {
  watch_.add_backing(memory_.data(), memory_.size());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 4; ++i) {
      watch_.allocated(slot(i), 24, 16, site::current());
      std::memset(slot(i), 7, 24);
    }
    EXPECT_EQ(watch_.live_blocks(), is_tracking ? 4u : 0u);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(watch_.released(slot(i), site::current()));
    }
  }
  watch_.verify(site::current());
  EXPECT_NO_FINDING(log_);
}

TEST_F(PoolWatchTest, BlocksAreFilled) {
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 24, 16, site::current());
  if constexpr (is_tracking) {
    EXPECT_EQ(slot(0)[0], std::byte{0xcd});
    watch_.released(slot(0), site::current());
    EXPECT_EQ(slot(0)[0], std::byte{0xdd});
  }
}

TEST_F(PoolWatchTest, OverflowIsFoundOnRelease) {
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 24, 16, site::current());
  if constexpr (is_tracking) slot(0)[26] = std::byte{0};
  watch_.released(slot(0), site::current());
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(PoolWatchTest, UnderflowIsFoundByVerifyAndOnce) {
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 24, 16, site::current());
  if constexpr (is_tracking) slot(0)[-1] = std::byte{0};
  watch_.verify(site::current());
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  watch_.verify(site::current());
  watch_.released(slot(0), site::current());
  EXPECT_NO_FINDING(log_);
}

TEST_F(PoolWatchTest, OverflowIsFoundWhenTheBlockChangesItsSize) {
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 20, 16, 20, 16, site::current());
  if constexpr (is_tracking) slot(0)[22] = std::byte{1};
  watch_.resized(slot(0), 24, 16, site::current());
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  slot(0)[22] = std::byte{1};
  watch_.released(slot(0), site::current());
  EXPECT_NO_FINDING(log_);
}

TEST_F(PoolWatchTest, WritesAfterReturnAreFoundWhenHandedOutAgain) {
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 24, 16, site::current());
  watch_.released(slot(0), site::current());
  slot(0)[3] = std::byte{1};
  watch_.allocated(slot(0), 24, 16, site::current());
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
}

TEST_F(PoolWatchTest, LinksAreThePools) {
  watch_.set_link_bytes(8);
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 24, 16, site::current());
  watch_.released(slot(0), site::current());
  slot(0)[3] = std::byte{1};
  watch_.verify(site::current());
  watch_.allocated(slot(0), 24, 16, site::current());
  EXPECT_NO_FINDING(log_);
}

TEST_F(PoolWatchTest, SecondReturn) {
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 24, 16, site::current());
  watch_.released(slot(0), site::current());
  EXPECT_EQ(watch_.released(slot(0), site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
}

TEST_F(PoolWatchTest, InteriorAndUnknownAddresses) {
  watch_.add_backing(memory_.data(), memory_.size());
  watch_.allocated(slot(0), 24, 16, site::current());
  EXPECT_EQ(watch_.released(slot(0) + 8, site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
  int local = 0;
  EXPECT_EQ(watch_.released(&local, site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
}

TEST_F(PoolWatchTest, BlocksOfAnotherPool) {
  detail::pool_watch other{"test_pool", detail::watch_style::pool, site::current()};
  watch_.allocated(slot(0), 24, 16, site::current());
  EXPECT_EQ(other.released(slot(0), site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::foreign_return, __LINE__ - 1);
}

TEST_F(PoolWatchTest, HandlesKnowTheirBlock) {
  watch_.add_backing(memory_.data(), memory_.size());
  const auto first = watch_.allocated(slot(0), 24, 16, site::current());
  EXPECT_TRUE(watch_.check(slot(0), first, site::current()));
  watch_.released(slot(0), site::current());
  EXPECT_EQ(watch_.check(slot(0), first, site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
  watch_.allocated(slot(0), 24, 16, site::current());
  EXPECT_EQ(watch_.check(slot(0), first, site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  EXPECT_EQ(watch_.released(slot(0), first, site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
}

TEST_F(PoolWatchTest, ResetTakesAllBack) {
  watch_.add_backing(memory_.data(), memory_.size());
  const auto first = watch_.allocated(slot(0), 24, 16, site::current());
  watch_.allocated(slot(1), 24, 16, site::current());
  EXPECT_EQ(watch_.reset(site::current()), is_tracking ? 2u : 0u);
  EXPECT_EQ(watch_.live_blocks(), 0u);
  watch_.check(slot(0), first, site::current());
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
  slot(1)[20] = std::byte{1};
  watch_.verify(site::current());
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
}

TEST_F(PoolWatchTest, LiveBlocksAreReportedBySite) {
  for (std::size_t i = 0; i < 3; ++i) watch_.allocated(slot(i), 24, 16, site::current());
  EXPECT_EQ(watch_.report_live(finding::leak, site::current()), is_tracking ? 3u : 0u);
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].size, 72u);
    EXPECT_EQ(found[0].allocated.line, static_cast<unsigned>(__LINE__ - 6));
  }
}

TEST_F(PoolWatchTest, HoldersAreSaidInOneLine) {
  const unsigned line = __LINE__ + 1;
  for (std::size_t i = 0; i < 2; ++i) watch_.allocated(slot(i), 24, 16, site::current());
  watch_.allocated(slot(2), 24, 16, site::current());
  char text[400];
  const std::size_t length = watch_.describe_live(text, sizeof text);
  EXPECT_EQ(length, std::strlen(text));
  if constexpr (is_tracking) {
    const std::string file = __FILE__;
    EXPECT_EQ(std::string(text), "2 at " + file + ":" + std::to_string(line) + ", 1 at " +
                                     file + ":" + std::to_string(line + 1));
  }
  char little[8];
  EXPECT_EQ(watch_.describe_live(little, sizeof little), is_tracking ? 7u : 0u);
}

TEST_F(PoolWatchTest, WhetherABlockIsLiveMayBeAsked) {
  if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the block";
  const auto number = watch_.allocated(slot(0), 24, 16, site::current());
  EXPECT_TRUE(watch_.is_live(slot(0), number));
  EXPECT_TRUE(watch_.is_live(slot(0), {}));
  watch_.released(slot(0), site::current());
  EXPECT_FALSE(watch_.is_live(slot(0), number));
  EXPECT_FALSE(watch_.is_live(slot(0), {}));
  EXPECT_NO_FINDING(log_);
}

TEST_F(PoolWatchTest, MemoryOfTheProgramsOwnIsLeftAlone) {
  std::memset(memory_.data(), 7, memory_.size());
  constexpr auto content = detail::block_content::untouched;
  const auto first = watch_.allocated(slot(0), 24, 0, 0, 8, site::current(), content);
  const auto second = watch_.allocated(slot(0), 24, 0, 0, 8, site::current(), content);
  EXPECT_EQ(watch_.released(slot(0), first, site::current()), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
  EXPECT_TRUE(watch_.released(slot(0), second, site::current()));
  EXPECT_EQ(watch_.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
  for (const std::byte one : memory_) ASSERT_EQ(one, std::byte{7});
}

TEST_F(PoolWatchTest, ReportsNameTheBlockThatTheyConcern) {
  if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the block";
  watch_.allocated(slot(0), 24, 16, site::current());
  const unsigned line = __LINE__ - 1;
  watch_.report(finding::bad_size, site::current(), "", slot(0) + 3);
  watch_.released(slot(0), site::current());
  watch_.report(finding::bad_size, site::current(), "", slot(0));
  watch_.report(finding::bad_size, site::current(), "", slot(1));
  const auto found = log_.take();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].allocated.line, line);
  EXPECT_EQ(found[0].released.line, 0u);
  EXPECT_EQ(found[1].allocated.line, line);
  EXPECT_EQ(found[1].released.line, line + 3);
  EXPECT_EQ(found[2].allocated.line, 0u);
}

TEST_F(PoolWatchTest, VerifyPoolsLooksAtAll) {
  if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the pools";
  watch_.allocated(slot(0), 24, 16, site::current());
  slot(0)[24] = std::byte{0};
  EXPECT_EQ(verify_pools({__FILE__, "", __LINE__}), 1u);
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(PoolWatchTest, ManyBlocksComeAndGo) {
  std::vector<std::byte> memory(1 << 20);
  watch_.add_backing(memory.data(), memory.size());
  for (int round = 0; round < 4; ++round) {
    for (std::size_t at = 16; at + 64 <= memory.size(); at += 64) {
      watch_.allocated(memory.data() + at, 30, 16, site::current());
    }
    watch_.reset(site::current());
  }
  watch_.verify(site::current());
  EXPECT_NO_FINDING(log_);
  watch_.remove_backing(memory.data());
}

TEST_F(PoolWatchTest, ManyPiecesOfBacking) {
  constexpr std::size_t kPieces = 64;
  const auto piece = [&](std::size_t i) { return memory_.data() + i * 16; };
  // In any order, and with one taken away.
  for (std::size_t i = 0; i < kPieces; ++i)
    watch_.add_backing(piece(i * 37 % kPieces), 16);
  watch_.remove_backing(piece(20));
  watch_.verify(site::current());
  watch_.allocated(piece(8) + 4, 8, 4, 4, 1, site::current());
  watch_.released(piece(8) + 4, site::current());
  watch_.allocated(piece(20) + 4, 8, 4, 4, 1, site::current());
  watch_.released(piece(20) + 4, site::current());
  EXPECT_NO_FINDING(log_);
  *piece(20) = std::byte{7};  // nobody looks at it any more
  watch_.verify(site::current());
  EXPECT_NO_FINDING(log_);
  if constexpr (is_tracking) piece(8)[5] = std::byte{7};
  watch_.verify(site::current());
  EXPECT_ONE_FINDING(log_, finding::use_after_return, __LINE__ - 1);
}

TEST_F(PoolWatchTest, ForkedChildrenGoOn) {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) {
      watch_.allocated(slot(5), 24, 16, site::current());
      watch_.released(slot(5), site::current());
    }
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);  // a child that hangs dies
      detail::pool_watch mine{"test_pool", detail::watch_style::pool, site::current()};
      watch_.allocated(slot(1), 24, 16, site::current());
      watch_.released(slot(1), site::current());
      verify_pools({});
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  stop = true;
  other.join();
  EXPECT_NO_FINDING(log_);
}

TEST_F(PoolWatchTest, SiteScopesNest) {
  EXPECT_EQ(static_cast<records::source_place>(site::of_thread()).line, 0u);
  {
    MEMOIR_SITE_SCOPE();
    const unsigned line = static_cast<records::source_place>(site::of_thread()).line;
    EXPECT_EQ(line, is_tracking ? static_cast<unsigned>(__LINE__ - 2) : 0u);
  }
  EXPECT_EQ(static_cast<records::source_place>(site::of_thread()).line, 0u);
}

}  // namespace
}  // namespace memoir
