#include "trace/intern_tables.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

namespace memoir {
namespace {

TEST(InternTables, ModulesAreTheirPathAndBuildId) {
  InternTables tables;
  const auto app = tables.module("/bin/app", "ab");
  EXPECT_TRUE(app.is_new);
  EXPECT_EQ(app.id.value, 1U);
  EXPECT_FALSE(tables.module("/bin/app", "ab").is_new);
  EXPECT_EQ(tables.module("/bin/app", "cd").id.value, 2U);
  EXPECT_EQ(tables.module("/bin/appab", "").id.value, 3U);
}

TEST(InternTables, FramesOfEveryAddressAreToldApart) {
  InternTables tables;
  std::uint32_t next = 1;
  for (const std::uint32_t module : {0U, 1U, 2U, 65535U, 65536U, ~0U}) {
    for (const std::uint64_t address :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 47,
          std::uint64_t{1} << 48, ~std::uint64_t{0}}) {
      const auto made = tables.frame({module}, address);
      EXPECT_TRUE(made.is_new);
      EXPECT_EQ(made.id.value, next++);
      const auto again = tables.frame({module}, address);
      EXPECT_FALSE(again.is_new);
      EXPECT_EQ(again.id, made.id);
    }
  }
}

// Against a plain map: paths that branch anywhere, longer than what may be pending.
TEST(InternTables, StacksAreThePairsOfParentAndFrame) {
  InternTables tables;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> known;
  std::mt19937 engine(5);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  std::uint32_t next = 1;
  for (int path = 0; path < 3000; ++path) {
    std::uint32_t parent = random() % next;
    for (std::uint32_t depth = random() % 80; depth > 0; --depth) {
      const std::uint32_t frame = 1 + random() % 3;
      const auto stack = tables.stack({parent}, {frame});
      const auto [it, is_new] = known.try_emplace({parent, frame}, next);
      if (is_new) ++next;
      ASSERT_EQ(stack.is_new, is_new);
      ASSERT_EQ(stack.id.value, it->second);
      parent = stack.id.value;
    }
  }
  EXPECT_GT(next, 1000U);
}

}  // namespace
}  // namespace memoir
