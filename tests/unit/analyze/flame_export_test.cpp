#include "analyze/flame_export.h"

#include <gtest/gtest.h>

#include <string>

#include "support/made_stacks.h"

namespace memoir {
namespace {

class FlameExportTest : public testing::Test {
 protected:
  void spend(const std::vector<MadeStacks::Line>& lines, std::int64_t value) {
    costs_.push_back({made_.stack(lines), plain_cost(value, 1)});
  }
  CallTree tree() const { return CallTree(made_.store(), costs_); }

  MadeStacks made_;
  std::vector<StackCost> costs_;
};

TEST_F(FlameExportTest, CollapsesStacks) {
  spend({"main", "parse", "push"}, 50);
  spend({"main", "parse"}, 5);
  spend({"main", "a;b\n"}, 7);
  costs_.push_back({{}, plain_cost(9, 1)});
  EXPECT_EQ(collapsed_stacks(tree()),
            "(no call stack) 9\n"
            "main;parse 5\n"
            "main;a:b  7\n"
            "main;parse;push 50\n");
  costs_.clear();
  EXPECT_EQ(collapsed_stacks(tree()), "");
}

TEST_F(FlameExportTest, DrawsAPicture) {
  spend({"main", "std::vector<int>::push_back(\"\xff\")"}, 3072);
  spend({"main", "other"}, 1024);
  const std::string svg = flame_svg(tree(), {.title = "a <b>"});
  EXPECT_NE(svg.find("a &lt;b&gt;"), std::string::npos);
  EXPECT_NE(svg.find("<title>other: 1.0 KiB, 25.0%, 1 blocks</title>"),
            std::string::npos);
  EXPECT_NE(svg.find("push_back(&quot;?&quot;): 3.0 KiB, 75.0%"), std::string::npos);
  EXPECT_NE(svg.find("width=\"900.00\""), std::string::npos);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  std::size_t open = 0, closed = 0;
  for (std::size_t at = 0; (at = svg.find("<g>", at)) != svg.npos; ++at) ++open;
  for (std::size_t at = 0; (at = svg.find("</g>", at)) != svg.npos; ++at) ++closed;
  EXPECT_EQ(open, 4U);
  EXPECT_EQ(closed, 4U);
}

TEST_F(FlameExportTest, ColoursDifferences) {
  costs_.push_back({made_.stack({"grew"}), difference_cost(0, 100, 1)});
  costs_.push_back({made_.stack({"shrank"}), difference_cost(100, 0, -1)});
  const std::string svg = flame_svg(tree(), {});
  EXPECT_NE(svg.find("rgb(235,80,80)"), std::string::npos);
  EXPECT_NE(svg.find("rgb(80,80,235)"), std::string::npos);
}

}  // namespace
}  // namespace memoir
