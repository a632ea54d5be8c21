// What a program may tell of its pools, sensible or not.

#include "collect/pool_book.h"

#include <gtest/gtest.h>

#include <map>

#include "support/scratch_file.h"
#include "trace/database.h"

namespace memoir {
namespace {

class PoolBookTest : public ::testing::Test {
 protected:
  PoolBookTest() { writer_.begin(); }

  std::int64_t ask(const char* question) {
    book_.write_to(writer_, blocks_, [this](std::uint32_t site) { return sites_[site]; });
    return writer_.database().query_integer(question);
  }

  ScratchFile file_;
  TraceWriter writer_{file_.path(), true};
  BlockTable blocks_;
  std::map<std::uint32_t, SiteRow> sites_;
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

// One stack may make blocks in several ways.
TEST_F(PoolBookTest, BackingBlocksAreToldBySite) {
  sites_[3] = {.stack = {5}, .api = Api::kMalloc};
  sites_[4] = {.stack = {5}, .api = Api::kCalloc};
  blocks_.insert({.address = 0x1000, .size = 512, .site = 3, .number = 7});
  blocks_.insert({.address = 0x2000, .size = 100, .site = 4, .number = 9});
  blocks_.insert({.address = 0x3000, .size = 100, .site = 4, .number = 10});
  book_.create(1, 0, "arena", {}, 1);
  book_.back(0x1000, 7);
  book_.back(0x3000, 10);
  EXPECT_EQ(ask("SELECT count(*) FROM pool_backing WHERE stack = 5"), 2);
  EXPECT_EQ(ask("SELECT bytes FROM pool_backing WHERE api ="
                " (SELECT id FROM api WHERE name = 'malloc')"),
            512);
  EXPECT_EQ(ask("SELECT bytes FROM pool_backing WHERE api ="
                " (SELECT id FROM api WHERE name = 'calloc')"),
            100);
}

PoolEventTold told(std::uint32_t kind, std::uint64_t line, std::uint32_t thread = 1) {
  PoolEventTold event;
  event.kind = static_cast<std::uint8_t>(kind);
  event.thread = thread;
  event.address = 0x1000;
  event.size = 10;
  event.place = text_word(7, line);
  event.detail = text_word(0, 1);
  return event;
}

constexpr auto kTextOf = [](TextRef text) {
  return text == 0 ? std::string() : "file_" + std::to_string(text);
};

TEST_F(PoolBookTest, WhatIsAlikeIsOneRow) {
  for (int i = 0; i < 1000; ++i) book_.tell(1, told(MEMOIR_POOL_GROW, 5), kTextOf);
  book_.tell(1, told(MEMOIR_POOL_GROW, 6), kTextOf);
  book_.tell(1, told(MEMOIR_POOL_GROW, 5, 2), kTextOf);
  EXPECT_EQ(ask("SELECT count(*) FROM pool_events"), 3);
  EXPECT_EQ(ask("SELECT count FROM pool_events WHERE line = 5 AND thread = 1"), 1000);
  EXPECT_EQ(ask("SELECT bytes FROM pool_events WHERE line = 5 AND thread = 1"), 10000);
  EXPECT_EQ(ask("SELECT count(*) FROM pool_events WHERE file = 'file_7'"), 3);
}

TEST_F(PoolBookTest, TwoReferencesToOneTextAreOneRow) {
  book_.tell(1, told(MEMOIR_POOL_GROW, 5), [](TextRef) { return "same"; });
  PoolEventTold other = told(MEMOIR_POOL_GROW, 5);
  other.place = text_word(99, 5);
  book_.tell(1, other, [](TextRef) { return "same"; });
  EXPECT_EQ(ask("SELECT count FROM pool_events"), 2);
}

TEST_F(PoolBookTest, TooManyDifferentEventsAreCountedByKind) {
  const std::uint64_t lines = 3 * PoolEvents::kMostGroups;
  for (std::uint64_t line = 1; line <= lines; ++line) {
    book_.tell(1, told(line % 2 == 0 ? MEMOIR_POOL_GROW : MEMOIR_POOL_TRIM, line),
               kTextOf);
  }
  EXPECT_LE(ask("SELECT count(*) FROM pool_events"),
            static_cast<std::int64_t>(PoolEvents::kMostGroups) + 2);
  EXPECT_EQ(ask("SELECT sum(count) FROM pool_events"), static_cast<std::int64_t>(lines));
  EXPECT_EQ(ask("SELECT count FROM pool_events WHERE line IS NULL AND kind = 'trim'"),
            static_cast<std::int64_t>(lines - PoolEvents::kMostGroups) / 2);
}

TEST_F(PoolBookTest, AHandOverIsFromWhoHadTheBlock) {
  book_.alloc(1, 0x1000, 10, {}, 3);
  book_.tell(1, told(MEMOIR_POOL_HAND_OVER, 5, 4), kTextOf);
  book_.free(1, 0x1000, 4);
  EXPECT_EQ(ask("SELECT count(*) FROM pool_events"), 1);
  EXPECT_EQ(ask("SELECT from_thread * 10 + thread FROM pool_events"), 34);
}

TEST_F(PoolBookTest, ABlockThatAnotherThreadGivesBackWasHandedOver) {
  for (int i = 0; i < 3; ++i) {
    book_.alloc(1, 0x1000, 10, {}, 3);
    book_.free(1, 0x1000, 8, 77);
  }
  EXPECT_EQ(ask("SELECT count FROM pool_events"), 3);
  EXPECT_EQ(ask("SELECT from_thread * 10 + thread FROM pool_events"), 38);
  EXPECT_EQ(ask("SELECT first_t FROM pool_events"), 77);
}

TEST_F(PoolBookTest, EventsOfPoolsThatShareARowAreAddedUp) {
  for (std::uint32_t pool = 1; pool <= 4; ++pool) {
    book_.create(pool, 0, "arena", {}, pool);
    book_.tell(pool, told(MEMOIR_POOL_GROW, pool == 4 ? 6 : 5), kTextOf);
    ask("SELECT 0");
    book_.destroy(pool, 10);
  }
  EXPECT_EQ(ask("SELECT count(*) FROM pool_events"), 2);
  EXPECT_EQ(ask("SELECT count FROM pool_events WHERE line = 5"), 3);
  EXPECT_EQ(ask("SELECT count(*) FROM pool_events WHERE pool = 1"), 2);
}

TEST_F(PoolBookTest, AnUnknownKindIsKeptAsSuch) {
  book_.tell(1, told(200, 5), kTextOf);
  EXPECT_EQ(ask("SELECT count(*) FROM pool_events WHERE kind = 'unknown'"), 1);
}

}  // namespace
}  // namespace memoir
