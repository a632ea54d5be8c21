// arena: the rows of the FASTQ parser's Arena.

#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

#include "memoir/arena.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class ArenaTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(ArenaTest, FQ_33_one_piece_of_memory) {
  failing_resource memory;
  {
    arena scratch{1024, {}, &memory};
    EXPECT_EQ(memory.allocations(), 1u);
    EXPECT_EQ(scratch.capacity(), 1024u);
    EXPECT_EQ(scratch.position(), 0u);
    EXPECT_EQ(scratch.left(), 1024u);
  }
  EXPECT_EQ(memory.live_bytes(), 0u);
  EXPECT_THROW(arena(SIZE_MAX), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(ArenaTest, FQ_33_zeroed_if_asked_for) {
  arena scratch{64, {.content = arena_content::zeroed}};
  for (int round = 0; round < 2; ++round) {
    const auto bytes = *scratch.try_allocate(64);
    for (std::byte one : bytes) EXPECT_EQ(one, std::byte{0});
    std::memset(bytes.data(), 7, bytes.size());
    scratch.reset();
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(ArenaTest, FQ_33_is_a_memory_resource) {
  arena scratch{1 << 16};
  {
    std::pmr::vector<int> numbers{&scratch};
    for (int i = 0; i < 1000; ++i) numbers.push_back(i);
    EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0), 499500);
  }
  EXPECT_GT(scratch.position(), 4000u);
  scratch.reset();
  EXPECT_EQ(scratch.position(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ArenaTest, FQ_34_none_when_it_is_full) {
  arena scratch{100};
  EXPECT_TRUE(scratch.try_allocate(60));
  EXPECT_EQ(scratch.try_allocate(41).error(), errc::capacity_exceeded);
  EXPECT_TRUE(scratch.try_allocate(40));
  EXPECT_TRUE(scratch.try_allocate(0));
  EXPECT_EQ(scratch.position(), 100u);
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(static_cast<void>(scratch.allocate(1, 1)), std::bad_alloc);
  EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
}

TEST_F(ArenaTest, FQ_34_blocks_are_aligned) {
  arena scratch{1024};
  static_cast<void>(scratch.try_allocate(10));
  const auto numbers = scratch.allocate<double>(3);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers.data()) % alignof(double), 0u);
  EXPECT_EQ(scratch.position(), 40u);
  for (std::size_t alignment = 1; alignment <= 16; alignment *= 2) {
    const auto block = *scratch.try_allocate(3, alignment);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.data()) % alignment, 0u);
  }
  EXPECT_NO_FINDING(log_);
  EXPECT_EQ(scratch.try_allocate(8, 3).error(), errc::invalid_size);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(ArenaTest, FQ_34_sizes_that_wrap_are_refused) {
  arena scratch{100};
  static_cast<void>(scratch.try_allocate(10));
  EXPECT_EQ(scratch.try_allocate(SIZE_MAX - 5).error(), errc::size_overflow);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(scratch.allocate<double>(SIZE_MAX / 4)),
               std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 2);
  EXPECT_EQ(scratch.try_allocate(PTRDIFF_MAX).error(), errc::capacity_exceeded);
  EXPECT_EQ(scratch.position(), 10u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ArenaTest, FQ_34_two_blocks_live_side_by_side) {
  arena scratch{64};
  const auto one = *scratch.try_allocate(32);
  const auto other = *scratch.try_allocate(32);
  std::memset(one.data(), 1, 32);
  std::memset(other.data(), 2, 32);
  EXPECT_EQ(one[31], std::byte{1});
  if constexpr (is_tracking) one.data()[32] = std::byte{9};
  scratch.verify();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(ArenaTest, FQ_34_may_grow_if_asked_for) {
  arena scratch{64, {.extendable = true}};
  std::vector<std::span<int>> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(scratch.allocate<int>(20));
    std::fill(all.back().begin(), all.back().end(), i);
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)][19], i);
  EXPECT_GT(scratch.growth_count(), 0u);
  EXPECT_EQ(scratch.peak_usage(), 8000u);
  scratch.reset();
  scratch.shrink_to_fit();
  EXPECT_EQ(scratch.capacity(), 64u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ArenaTest, FQ_35_reset_starts_again) {
  arena scratch{100};
  const auto first = *scratch.try_allocate(100);
  EXPECT_EQ(scratch.reset(), is_tracking ? 1u : 0u);
  EXPECT_EQ(scratch.generation(), 1u);
  EXPECT_EQ(scratch.position(), 0u);
  const auto second = *scratch.try_allocate(100);
  EXPECT_EQ(first.data(), second.data());
  EXPECT_NO_FINDING(log_);
}

TEST_F(ArenaTest, FQ_35_writes_after_a_reset_are_found) {
  arena scratch{100};
  const auto bytes = *scratch.try_allocate(100);
  scratch.reset();
  bytes[50] = std::byte{1};
  scratch.verify();
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
}

TEST_F(ArenaTest, FQ_35_bytes_of_former_owners) {
  arena secret{100, {.content = arena_content::reported}};
  static_cast<void>(secret.try_allocate(50));
  EXPECT_NO_FINDING(log_);
  secret.reset();
  static_cast<void>(secret.try_allocate(50));
  EXPECT_ONE_FINDING(log_, finding::dirty_reuse, __LINE__ - 1);
  static_cast<void>(secret.try_allocate(50));
  EXPECT_NO_FINDING(log_);
}

TEST_F(ArenaTest, FQ_35_a_container_that_outlived_the_reset) {
  arena scratch{1000};
  {
    std::pmr::vector<int> numbers{10, &scratch};
    scratch.reset();
    const site_scope scope;
  }
  const auto found = log_.take();
  EXPECT_EQ(found.size(), is_tracking ? 1u : 0u);
  if constexpr (is_tracking) {
    EXPECT_EQ(found[0].kind, finding::use_after_reset);
  }
}

TEST_F(ArenaTest, OneThreadAtATime) {
  arena scratch{1000};
  static_cast<void>(scratch.allocate(1));
  std::thread{[&] {
    static_cast<void>(scratch.allocate(1));
    EXPECT_ONE_FINDING(log_, finding::unsynchronized_use, __LINE__ - 1);
  }}.join();
}

TEST_F(ArenaTest, SitesOfContainersAreThoseOfTheScope) {
  arena scratch{100};
  scratch.set_name("scratch");
  std::pmr::vector<char> letters{&scratch};
  unsigned line = 0;
  {
    line = __LINE__ + 1;
    MEMOIR_SITE_SCOPE();
    EXPECT_THROW(letters.resize(1000), std::bad_alloc);
  }
  const auto found = log_.take();
  ASSERT_EQ(found.size(), is_tracking ? 1u : 0u);
  if constexpr (is_tracking) {
    EXPECT_EQ(found[0].where.line, line);
    EXPECT_EQ(found[0].pool_name, "scratch");
  }
}

TEST_F(ArenaTest, AFailedGrowthChangesNothing) {
  failing_resource memory;
  arena scratch{64, {.extendable = true}, &memory};
  const auto bytes = *scratch.try_allocate(40);
  memory.fail_after(0);
  EXPECT_EQ(scratch.try_allocate(100).error(), errc::out_of_memory);
  EXPECT_THROW(static_cast<void>(scratch.allocate(100)), std::bad_alloc);
  EXPECT_EQ(scratch.position(), 40u);
  EXPECT_EQ(bytes.size(), 40u);
  memory.never_fail();
  EXPECT_TRUE(scratch.try_allocate(100));
  EXPECT_NO_FINDING(log_);
}

TEST_F(ArenaTest, Corpus_18_misalignment_and_overflow) {
  arena scratch{64};
  static_cast<void>(scratch.try_allocate(10));
  const std::span<std::uint64_t> numbers = scratch.allocate<std::uint64_t>(2);
  numbers[1] = 1;  // checked by UBSan
  EXPECT_EQ(scratch.try_allocate(SIZE_MAX - 20).error(), errc::size_overflow);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
}

TEST_F(ArenaTest, Corpus_23_nothing_of_the_former_owner_shows) {
  const auto second_owner = [](arena& scratch) {
    std::memset(scratch.try_allocate(16)->data(), 'x', 16);
    scratch.reset();
    const auto bytes = *scratch.try_allocate(16);
    return bytes[0];
  };
  arena kept{100};
  EXPECT_EQ(second_owner(kept), is_tracking ? std::byte{0xcd} : std::byte{'x'});
  arena zeroed{100, {.content = arena_content::zeroed}};
  EXPECT_EQ(second_owner(zeroed), std::byte{0});
  EXPECT_NO_FINDING(log_);
  arena reported{100, {.content = arena_content::reported}};
  second_owner(reported);
  const auto found = log_.take();
  ASSERT_EQ(found.size(), is_tracking ? 1u : 0u);
  if constexpr (is_tracking) {
    EXPECT_EQ(found[0].kind, finding::dirty_reuse);
  }
}

}  // namespace
}  // namespace memoir
