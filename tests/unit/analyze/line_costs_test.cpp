#include "analyze/line_costs.h"

#include <gtest/gtest.h>

#include "support/made_stacks.h"

namespace memoir {
namespace {

TEST(LineCosts, CountSelfAndThroughOnce) {
  MadeStacks made;
  const std::vector<StackCost> costs = {
      {made.stack({{"main", "a.c", 1}, {"f", "a.c", 5}}), plain_cost(10, 1)},
      {made.stack({{"main", "a.c", 1}, {"f", "a.c", 5}, {"f", "a.c", 5}}),
       plain_cost(20, 1)},
      {made.stack({{"main", "a.c", 2}, {"g", "b.c", 5}}), plain_cost(4, 1)},
      {made.stack(
           {{"main", "a.c", 1}, {"std::v", "/usr/v.h", 9, FrameClass::kAllocator}}),
       plain_cost(1, 1)},
      {made.stack({{"other", "", 0}}), plain_cost(100, 1)},
      {{}, plain_cost(100, 1)},
      {{4711}, plain_cost(100, 1)}};
  const Stacks stacks = made.store();
  const auto lines = line_costs(*stacks, costs, *stacks->frames().names().find("a.c"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].line, 1U);
  EXPECT_EQ(lines[0].self.value, 1);
  EXPECT_EQ(lines[0].total.value, 31);
  EXPECT_EQ(lines[1].line, 2U);
  EXPECT_EQ(lines[1].self.value, 0);
  EXPECT_EQ(lines[1].total.value, 4);
  EXPECT_EQ(lines[2].line, 5U);
  EXPECT_EQ(lines[2].self.value, 30);
  EXPECT_EQ(lines[2].total.value, 30) << "recursion counts once";
  EXPECT_TRUE(line_costs(*stacks, costs, {}).empty());

  const auto files = file_costs(*stacks, costs);
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(stacks->text(files[0].file), "");
  EXPECT_EQ(files[0].self.value, 300);
  EXPECT_EQ(stacks->text(files[1].file), "a.c");
  EXPECT_EQ(files[1].self.value, 31);
}

}  // namespace
}  // namespace memoir
