// What a program may tell of its pools, sensible or not.

#include "collect/pool_book.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "trace/database.h"

namespace memoir {
namespace {

class PoolBookTest : public ::testing::Test {
 protected:
  PoolBookTest() { writer_.begin(); }

  std::int64_t ask(const char* question) {
    book_.write_to(writer_, blocks_, [](std::uint32_t) { return TraceStackId{}; });
    return writer_.database().query_integer(question);
  }

  ScratchFile file_;
  TraceWriter writer_{file_.path(), true};
  BlockTable blocks_;
  PoolBook book_{ProcessId{1}};
};

TEST_F(PoolBookTest, CountsBlocks) {
  book_.create(1, 0, "arena", {}, 10);
  book_.alloc(1, 0x1000, 30, {});
  book_.alloc(1, 0x2000, 20, {});
  book_.free(1, 0x1000);
  EXPECT_EQ(ask("SELECT live_bytes FROM pool WHERE id = 1"), 20);
  EXPECT_EQ(ask("SELECT peak_bytes FROM pool WHERE id = 1"), 50);
  book_.reset(1);
  EXPECT_EQ(ask("SELECT live_blocks FROM pool WHERE id = 1"), 0);
  EXPECT_EQ(ask("SELECT frees FROM pool_site"), 2);
}

TEST_F(PoolBookTest, TheSameAddressInTwoPoolsIsTwoBlocks) {
  book_.alloc(1, 0x1000, 30, {});
  book_.alloc(2, 0x1000, 8, {});
  book_.free(2, 0x1000);
  EXPECT_EQ(ask("SELECT live_bytes FROM pool WHERE id = 1"), 30);
  EXPECT_EQ(ask("SELECT live_bytes FROM pool WHERE id = 2"), 0);
}

TEST_F(PoolBookTest, WhatIsNotThereIsNotFreed) {
  book_.free(7, 0x1000);
  book_.reset(7);
  EXPECT_EQ(ask("SELECT frees FROM pool WHERE id = 7"), 0);
}

TEST_F(PoolBookTest, ALostFreeIsMadeUpForByTheNextBlock) {
  book_.alloc(1, 0x1000, 30, {});
  book_.alloc(1, 0x1000, 40, {});
  EXPECT_EQ(ask("SELECT live_bytes FROM pool"), 40);
  EXPECT_EQ(ask("SELECT frees FROM pool"), 1);
}

TEST_F(PoolBookTest, AnEndedPoolStaysEnded) {
  book_.create(1, 0, "arena", {}, 10);
  book_.alloc(1, 0x1000, 30, {});
  book_.destroy(1, 99);
  book_.alloc(1, 0x1000, 30, {});
  book_.destroy(1, 100);
  EXPECT_EQ(ask("SELECT allocations FROM pool"), 1);
  EXPECT_EQ(ask("SELECT ended FROM pool"), 99);
  EXPECT_EQ(ask("SELECT live_blocks FROM pool"), 0);
}

TEST_F(PoolBookTest, EndedPoolsThatWereMadeAlikeShareARow) {
  for (std::uint32_t pool = 1; pool <= 5; ++pool) {
    book_.create(pool, 0, pool == 3 ? "heap" : "arena", {}, pool);
    book_.alloc(pool, 0x1000, 10 * pool, {});
    // A row of its own while it exists.
    EXPECT_EQ(ask("SELECT count(*) FROM pool WHERE ended IS NULL"), 1);
    book_.destroy(pool, 100 + pool);
  }
  EXPECT_EQ(ask("SELECT count(*) FROM pool"), 2);
  EXPECT_EQ(ask("SELECT instances FROM pool WHERE kind = 'arena'"), 4);
  EXPECT_EQ(ask("SELECT peak_bytes FROM pool WHERE kind = 'arena'"), 50);
  EXPECT_EQ(ask("SELECT sum(allocated_bytes) FROM pool_site"), 150);
}

TEST_F(PoolBookTest, BackingBlocksAreThoseThatStillLive) {
  blocks_.insert({.address = 0x1000, .size = 512, .site = 3, .number = 7});
  blocks_.insert({.address = 0x2000, .size = 100, .site = 3, .number = 9});
  book_.create(1, 0, "arena", {}, 1);
  book_.back(0x1000, 7);
  book_.back(0x2000, 8);  // another one lies there by now
  EXPECT_EQ(ask("SELECT sum(blocks) FROM pool_backing"), 1);
  EXPECT_EQ(ask("SELECT sum(bytes) FROM pool_backing"), 512);
  blocks_.erase(blocks_.find(0x1000));
  EXPECT_EQ(ask("SELECT sum(bytes) FROM pool_backing"), 0);
}

}  // namespace
}  // namespace memoir
