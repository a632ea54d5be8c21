#include "trace/stack_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <utility>

namespace memoir {
namespace {

using Pair = std::pair<std::uint32_t, std::uint32_t>;

// Against a plain map: paths that branch anywhere, asked for by processes that keep their
// promise to ask once, and by whoever promises nothing. `width`: how many frames there
// are.
void compare(std::uint32_t makers, std::uint32_t width, std::uint64_t seed) {
  StackTable table;
  std::map<Pair, std::uint32_t> known;
  std::vector<std::set<Pair>> asked(makers + 1);
  std::vector<std::vector<std::uint32_t>> met(makers + 1, {0});  // each maker's stacks
  std::mt19937_64 engine(seed);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine() >> 32); };
  for (int path = 0; path < 2000; ++path) {
    const std::uint32_t maker = random() % (makers + 1);
    std::uint32_t parent = met[maker][random() % met[maker].size()];
    for (std::uint32_t depth = random() % 20; depth > 0; --depth) {
      const Pair pair{parent, 1 + random() % width};
      if (maker != 0 && !asked[maker].insert(pair).second) break;
      const auto next = static_cast<std::uint32_t>(known.size() + 1);
      const auto [expected, is_new] = known.try_emplace(pair, next);
      const auto stack = table.intern({parent}, {pair.second}, {maker});
      ASSERT_EQ(stack.is_new, is_new);
      ASSERT_EQ(stack.id.value, expected->second);
      parent = stack.id.value;
      met[maker].push_back(parent);
    }
  }
  ASSERT_EQ(table.last(), known.size());
  for (const auto& [pair, stack] : known) {
    const StackStep step = table.step(stack);
    ASSERT_EQ(Pair(step.parent, step.frame), pair);
  }
}

TEST(StackTable, StacksAreThePairsOfParentAndFrame) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    for (const std::uint32_t makers : {0U, 1U, 2U, 5U}) {
      compare(makers, 3, seed);
      compare(makers, 100, seed);
    }
  }
}

TEST(StackTable, MoreStacksThanAPageHolds) {
  StackTable table;
  constexpr std::uint32_t kStacks = 100'000;
  for (std::uint32_t i = 1; i <= kStacks; ++i) {
    ASSERT_EQ(table.intern({i - 1}, {i}, {1}).id.value, i);
  }
  for (std::uint32_t i = 1; i <= kStacks; ++i) {
    ASSERT_EQ(table.intern({i - 1}, {i}, {}).id.value, i);
    ASSERT_EQ(table.step(i).parent, i - 1);
  }
}

// Many calls from one place, found again by another process: not one by one.
TEST(StackTable, OneCallerOfManyFrames) {
  StackTable table;
  constexpr std::uint32_t kFrames = 200'000;
  const TraceStackId root = table.intern({}, {1}, {1}).id;
  for (std::uint32_t i = 1; i <= kFrames; ++i) table.intern(root, {i}, {1});
  for (std::uint32_t i = 1; i <= kFrames; ++i) {
    const auto again = table.intern(root, {i}, {2});
    ASSERT_FALSE(again.is_new);
    ASSERT_EQ(again.id.value, root.value + i);
  }
  EXPECT_TRUE(table.intern(root, {kFrames + 1}, {1}).is_new);
  EXPECT_FALSE(table.intern(root, {kFrames + 1}, {2}).is_new);
}

}  // namespace
}  // namespace memoir
