// The engine of all arenas.

#include "memoir/detail/chunk_arena.h"

#include <cstring>
#include <random>

#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

using detail::arena_block;
using detail::chunk_arena;
using detail::chunk_arena_options;

class ChunkArenaTest : public ::testing::Test {
 protected:
  // As the faces do: the watch first.
  void drop(chunk_arena& arena, const arena_block& block, std::size_t bytes) {
    ASSERT_TRUE(arena.watch().released(block.data, block.number, site::current()));
    if (arena.is_top(block.data, bytes)) {
      arena.drop_top(block.data, bytes);
    } else {
      arena.drop_later(block.data, bytes);
    }
  }

  std::pmr::memory_resource* heap_ = std::pmr::new_delete_resource();
  finding_log log_;
};

TEST_F(ChunkArenaTest, AFixedOneHoldsExactlyItsCapacity) {
  chunk_arena arena{
      "test_arena", {.capacity = 100, .extendable = false}, heap_, site::current()};
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(arena.allocate(1, 1, site::current())) << i;
  }
  EXPECT_EQ(arena.position(), 100u);
  EXPECT_EQ(arena.left(), 0u);
  EXPECT_FALSE(arena.allocate(1, 1, site::current()));
  arena.reset(site::current());
  EXPECT_TRUE(arena.allocate(100, 1, site::current()));
  EXPECT_FALSE(arena.allocate(0, 1, site::current()));
  EXPECT_NO_FINDING(log_);
}

TEST_F(ChunkArenaTest, PaddingCounts) {
  chunk_arena arena{
      "test_arena", {.capacity = 64, .extendable = false}, heap_, site::current()};
  arena.allocate(10, 1, site::current());
  const arena_block eight = arena.allocate(6, 8, site::current());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(eight.data) % 8, 0u);
  EXPECT_EQ(arena.position(), 22u);
  EXPECT_EQ(arena.left(), 42u);
}

TEST_F(ChunkArenaTest, BlocksDoNotMoveWhenItGrows) {
  chunk_arena arena{"test_arena", {.capacity = 64}, heap_, site::current()};
  std::vector<unsigned char*> blocks;
  for (int i = 0; i < 500; ++i) {
    auto* block =
        static_cast<unsigned char*>(arena.allocate(40, 8, site::current()).data);
    std::memset(block, i & 255, 40);
    blocks.push_back(block);
  }
  for (int i = 0; i < 500; ++i) {
    for (int at = 0; at < 40; ++at) ASSERT_EQ(blocks[i][at], i & 255);
  }
  EXPECT_GT(arena.growths(), 3u);
  EXPECT_LT(arena.growths(), 12u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ChunkArenaTest, DroppingTheNewestGivesItsRoomBack) {
  chunk_arena arena{
      "test_arena", {.capacity = 64, .extendable = false}, heap_, site::current()};
  for (int round = 0; round < 100; ++round) {
    const arena_block first = arena.allocate(32, 16, site::current());
    const arena_block second = arena.allocate(32, 16, site::current());
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    drop(arena, second, 32);
    drop(arena, first, 32);
    EXPECT_EQ(arena.position(), 0u);
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(ChunkArenaTest, DropsOutOfOrderWaitAndAreReclaimed) {
  chunk_arena arena{"test_arena", {.capacity = 64}, heap_, site::current()};
  std::mt19937 random{7};
  for (int round = 0; round < 20; ++round) {
    std::vector<std::pair<arena_block, std::size_t>> blocks;
    for (std::size_t i = 0; i < 200; ++i) {
      const std::size_t bytes = 16 * (random() % 5);
      blocks.emplace_back(arena.allocate(bytes, 16, site::current()), bytes);
    }
    std::shuffle(blocks.begin(), blocks.end(), random);
    for (const auto& [block, bytes] : blocks) drop(arena, block, bytes);
    EXPECT_EQ(arena.position(), 0u);
    EXPECT_FALSE(arena.has_waiting());
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(ChunkArenaTest, GrowthAndCapacityDoNotDependOnTracking) {
  chunk_arena arena{"test_arena", {.capacity = 96}, heap_, site::current()};
  for (int i = 0; i < 300; ++i) arena.allocate(24, 8, site::current());
  EXPECT_EQ(arena.growths(), 4u);
  EXPECT_EQ(arena.capacity(), 96u + 1024 + 1120 + 2240 + 4480);
  EXPECT_EQ(arena.position(), 300u * 24);
}

TEST_F(ChunkArenaTest, TrimGivesBackWhatIsNotInUse) {
  chunk_arena arena{"test_arena", {}, heap_, site::current()};
  arena.allocate(16, 16, site::current());
  arena.reserve(1 << 16, 16, site::current());
  EXPECT_EQ(arena.growths(), 1u);
  const arena_block large = arena.allocate(1 << 16, 16, site::current());
  EXPECT_EQ(arena.growths(), 1u);
  drop(arena, large, 1 << 16);
  EXPECT_GE(arena.trim(), std::size_t{1} << 16);
  EXPECT_EQ(arena.capacity(), 1024u);
  arena.free_all(site::current());
  EXPECT_EQ(arena.capacity(), 0u);
  EXPECT_TRUE(arena.allocate(16, 16, site::current()));
  EXPECT_NO_FINDING(log_);
}

TEST_F(ChunkArenaTest, LargeAlignments) {
  chunk_arena arena{"test_arena", {.alignment = 1}, heap_, site::current()};
  for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    for (int i = 0; i < 5; ++i) {
      void* block = arena.allocate(3, alignment, site::current()).data;
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u);
      std::memset(block, 1, 3);
    }
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(ChunkArenaTest, NoSizeIsTooLargeToBeRefused) {
  chunk_arena fixed{
      "test_arena", {.capacity = 64, .extendable = false}, heap_, site::current()};
  fixed.allocate(10, 1, site::current());
  EXPECT_FALSE(fixed.allocate(SIZE_MAX, 1, site::current()));
  EXPECT_FALSE(fixed.allocate(SIZE_MAX - 9, 8, site::current()));
  chunk_arena grows{"test_arena", {}, heap_, site::current()};
  EXPECT_THROW(grows.allocate(SIZE_MAX, 1, site::current()), std::bad_alloc);
  EXPECT_THROW(grows.allocate(SIZE_MAX - 9, 8, site::current()), std::bad_alloc);
}

TEST_F(ChunkArenaTest, WritesBesideABlockAreFound) {
  chunk_arena arena{"test_arena", {.capacity = 100}, heap_, site::current()};
  arena.allocate(24, 8, site::current());
  const arena_block block = arena.allocate(24, 8, site::current());
  arena.allocate(24, 8, site::current());
  if constexpr (is_tracking) static_cast<char*>(block.data)[24] = 1;
  arena.reset(site::current());
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(ChunkArenaTest, WritesAfterAResetAreFoundWhenTheMemoryIsUsedAgain) {
  chunk_arena arena{"test_arena", {.capacity = 100}, heap_, site::current()};
  const arena_block block = arena.allocate(24, 8, site::current());
  arena.reset(site::current());
  static_cast<char*>(block.data)[3] = 1;
  arena.allocate(24, 8, site::current());
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
}

}  // namespace
}  // namespace memoir
