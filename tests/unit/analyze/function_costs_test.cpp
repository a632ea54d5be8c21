#include "analyze/function_costs.h"

#include <gtest/gtest.h>

#include <string>

#include "support/made_stacks.h"

namespace memoir {
namespace {

class FunctionCostsTest : public testing::Test {
 protected:
  FunctionCostsTest() {
    spend({"main", "f", "g"}, 10);
    spend({"main", "f", "g", "f", "g"}, 1);  // mutual recursion
    spend({"main", "h", "f"}, 5);
    spend({"main", "h"}, 2);
  }

  void spend(const std::vector<MadeStacks::Line>& lines, std::int64_t value) {
    costs_.push_back({made_.stack(lines), plain_cost(value, 1)});
  }
  static std::string text(const CallTree& tree, const std::vector<FunctionCost>& costs) {
    std::string text;
    for (const FunctionCost& cost : costs) {
      text += std::string(tree.stacks().text(cost.function)) + " " +
              std::to_string(cost.inclusive.value) + "/" +
              std::to_string(cost.exclusive.value) + " ";
    }
    return text;
  }

  MadeStacks made_;
  std::vector<StackCost> costs_;
};

TEST_F(FunctionCostsTest, CountAFunctionOnceAStack) {
  const CallTree tree(made_.store(), costs_);
  const auto costs = function_costs(tree);
  EXPECT_EQ(text(tree, costs), "main 18/0 f 16/5 g 11/11 h 7/2 ");
  EXPECT_EQ(tree.name(costs[1].node), "f");
  EXPECT_EQ(tree.node(costs[1].node).inclusive.value, 11);
}

TEST_F(FunctionCostsTest, FindCallersAndCallees) {
  const CallTree tree(made_.store(), costs_);
  const auto found = callers_and_callees(tree, function_costs(tree)[1].node);
  EXPECT_EQ(text(tree, {found.self}), "f 16/5 ");
  EXPECT_EQ(text(tree, found.callers), "main 11/0 h 5/0 g 1/0 ");
  EXPECT_EQ(text(tree, found.callees), "g 11/0 ");
  EXPECT_TRUE(callers_and_callees(tree, 0).callers.empty());
}

}  // namespace
}  // namespace memoir
