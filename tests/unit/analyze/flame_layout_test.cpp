#include "analyze/flame_layout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/made_stacks.h"

namespace memoir {
namespace {

class FlameLayoutTest : public testing::Test {
 protected:
  void spend(const std::vector<MadeStacks::Line>& lines, std::int64_t value) {
    costs_.push_back({made_.stack(lines), plain_cost(value, 1)});
  }
  CallTree tree() const { return CallTree(made_.store(), costs_); }

  MadeStacks made_;
  std::vector<StackCost> costs_;
};

TEST_F(FlameLayoutTest, GivesEveryNodeItsShare) {
  spend({"main", "a"}, 50);
  spend({"main", "b"}, 25);
  spend({"other"}, 25);
  const CallTree tree = this->tree();
  const FlameLayout layout = lay_out_flame(tree, {.width = 400});
  ASSERT_EQ(layout.rects.size(), 5U);
  EXPECT_EQ(layout.depth, 2U);
  const auto expect = [&](std::size_t i, const char* name, float x0, float x1,
                          std::uint32_t depth) {
    EXPECT_EQ(tree.name(layout.rects[i].node), name);
    EXPECT_FLOAT_EQ(layout.rects[i].x0, x0);
    EXPECT_FLOAT_EQ(layout.rects[i].x1, x1);
    EXPECT_EQ(layout.rects[i].depth, depth);
  };
  expect(0, "(all)", 0, 400, 0);
  expect(1, "main", 0, 300, 1);
  expect(2, "other", 300, 400, 1);
  expect(3, "a", 0, 200, 2);
  expect(4, "b", 200, 300, 2);
  EXPECT_EQ(find_rect(layout, 250, 2), &layout.rects[4]);
  EXPECT_EQ(find_rect(layout, 0, 2), &layout.rects[3]);
  EXPECT_EQ(find_rect(layout, 350, 2), nullptr);
  EXPECT_EQ(find_rect(layout, 350, 1), &layout.rects[2]);
  EXPECT_EQ(find_rect(layout, 1, 3), nullptr);
}

TEST_F(FlameLayoutTest, ZoomsToANodeAndAPartOfIt) {
  spend({"main", "a", "x"}, 50);
  spend({"main", "b", "y"}, 30);
  spend({"main", "b", "z"}, 10);
  const CallTree tree = this->tree();
  std::uint32_t b = 0;
  while (tree.name(b) != "b") ++b;
  FlameView view{.width = 400, .node = b};
  const FlameLayout zoomed = lay_out_flame(tree, view);
  ASSERT_EQ(zoomed.rects.size(), 5U);  // (all), main, b, y, z
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FLOAT_EQ(zoomed.rects[i].x1 - zoomed.rects[i].x0, 400);
  }
  EXPECT_EQ(tree.name(zoomed.rects[3].node), "y");
  EXPECT_FLOAT_EQ(zoomed.rects[3].x1, 300);

  view.begin = 0.5;  // the right half: y ends in its middle
  const FlameLayout part = lay_out_flame(tree, view);
  ASSERT_EQ(part.rects.size(), 5U);
  EXPECT_FLOAT_EQ(part.rects[3].x0, 0);
  EXPECT_FLOAT_EQ(part.rects[3].x1, 200);
  EXPECT_FLOAT_EQ(part.rects[4].x1, 400);
  view.first_depth = view.last_depth = 3;
  EXPECT_EQ(lay_out_flame(tree, view).rects.size(), 2U);
  EXPECT_EQ(lay_out_flame(tree, view).depth, 3U);
}

TEST_F(FlameLayoutTest, MergesWhatIsTooNarrow) {
  spend({"main", "big"}, 90'000);
  for (int i = 0; i < 10'000; ++i) {
    spend({"main", ("f" + std::to_string(i)).c_str(), "below"}, 1);
  }
  const CallTree tree = this->tree();
  const FlameLayout layout = lay_out_flame(tree, {.width = 1000});
  ASSERT_EQ(layout.rects.size(), 4U);  // (all), main, big, the others
  EXPECT_FALSE(layout.rects[2].merged);
  EXPECT_TRUE(layout.rects[3].merged);
  EXPECT_NEAR(layout.rects[3].x0, 900, 0.01);
  EXPECT_NEAR(layout.rects[3].x1, 1000, 0.01);
}

TEST_F(FlameLayoutTest, IsNeverMoreThanSomeThousandRectangles) {
  for (int i = 0; i < 3'000; ++i) {
    const std::string a = "a" + std::to_string(i % 700), b = "b" + std::to_string(i);
    spend({"main", a.c_str(), b.c_str(), "c", "d", "e", "f", "g", "h"}, 1 + i % 7);
  }
  const CallTree tree = this->tree();
  for (const double width : {0.0, 1.0, 700.0, 10'000.0, 1e9}) {
    const FlameLayout layout = lay_out_flame(tree, {.width = width});
    EXPECT_LE(layout.rects.size(), 4'000U);
    for (std::size_t i = 0; i < layout.rects.size(); ++i) {
      const FlameRect& rect = layout.rects[i];
      EXPECT_LE(rect.x0, rect.x1);
      EXPECT_GE(rect.x0, 0);
      EXPECT_LE(rect.x1, width);
      if (i > 0 && layout.rects[i - 1].depth == rect.depth) {
        EXPECT_GE(rect.x0, layout.rects[i - 1].x1 - 0.01);
      }
    }
  }
}

TEST_F(FlameLayoutTest, HasAnAnswerForNothing) {
  const CallTree empty = tree();
  EXPECT_LE(lay_out_flame(empty, {}).rects.size(), 1U);
  EXPECT_LE(lay_out_flame(empty, {.node = 99, .begin = 1, .end = 0}).rects.size(), 1U);
}

TEST_F(FlameLayoutTest, SearchCountsEachPartOnce) {
  spend({"main", "parse", "parse_token"}, 40);
  spend({"main", "parse"}, 5);
  spend({"main", "render", "parse_token"}, 20);
  spend({"main", "render"}, 35);
  const FlameSearch search = search_tree(
      tree(), [](std::string_view name) { return name.starts_with("parse"); });
  EXPECT_EQ(search.cost.value, 65);
  EXPECT_EQ(search.nodes, 3U);
}

}  // namespace
}  // namespace memoir
