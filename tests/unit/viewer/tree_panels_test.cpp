// The call tree and the flame graph.

#include <gtest/gtest.h>

#include <string>

#include "analyze/hotspots.h"
#include "analyze/units.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

class TreePanelsTest : public testing::Test {
 protected:
  TreePanelsTest() {
    SyntheticTrace trace(file_.path());
    trace.write();
    trace.writer().finish();
  }
  void open(PanelId panel) {
    stage_.app().open(file_.path());
    ASSERT_TRUE(stage_.settle());
    stage_.app().go(panel);
    ASSERT_TRUE(stage_.settle());
  }
  void press(const char* keys) {
    stage_.press(*parse_chord(keys));
    ASSERT_TRUE(stage_.settle());
  }
  void choose(const std::string& panel, const std::string& cost) {
    ASSERT_TRUE(stage_.click(panel + ".cost"));
    ASSERT_TRUE(stage_.click(panel + ".cost." + cost)) << cost;
    ASSERT_TRUE(stage_.settle());
  }
  static std::string text_of(std::string_view mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }

  ScratchFile file_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(TreePanelsTest, TheRootIsWhatMemoirSitesPrintsForEveryCost) {
  open(PanelId::kTree);
  TraceReader reader(file_.path());
  const CallSites sites(reader.database(), SiteKind::kHeap);
  for (const SiteOrder order : kSiteOrders) {
    choose("tree", std::string(site_order_name(order)));
    const std::uint64_t total = sites.total().value(order);
    if (total == 0) {
      EXPECT_NE(find_mark("empty.title"), nullptr) << site_order_name(order);
    } else {
      EXPECT_EQ(text_of("tree.row.0"), "(all) " + std::to_string(total))
          << site_order_name(order);
    }
  }
}

TEST_F(TreePanelsTest, RowsOpenAndClose) {
  open(PanelId::kTree);
  ASSERT_TRUE(stage_.click("tree.row.0"));
  press("Backspace");  // closes it
  EXPECT_EQ(find_mark("tree.row.1"), nullptr);
  press("Enter");
  EXPECT_NE(find_mark("tree.row.1"), nullptr);
  ASSERT_TRUE(stage_.click("tree.arrow.0"));
  EXPECT_EQ(find_mark("tree.row.1"), nullptr);
  ASSERT_TRUE(stage_.double_click("tree.row.0"));
  EXPECT_NE(find_mark("tree.row.1"), nullptr);
}

TEST_F(TreePanelsTest, BottomUpBeginsWithWhoAllocates) {
  open(PanelId::kTree);
  EXPECT_EQ(text_of("tree.direction"), "top-down");
  const std::string top_down = text_of("tree.row.1");
  press("I");
  EXPECT_EQ(text_of("tree.direction"), "bottom-up");
  EXPECT_NE(text_of("tree.row.1"), top_down);
}

TEST_F(TreePanelsTest, CallersAndCalleesAreFollowed) {
  open(PanelId::kTree);
  ASSERT_TRUE(stage_.click("tree.neighbours"));
  ASSERT_TRUE(stage_.click("tree.row.1"));
  stage_.draw_frames(2);
  ASSERT_NE(find_mark("callees.row.0"), nullptr);
  const std::string callee = text_of("callees.row.0");
  ASSERT_TRUE(stage_.click("callees.row.0"));
  stage_.draw_frames(3);
  EXPECT_NE(find_mark("callers.row.0"), nullptr);
  EXPECT_NE(text_of("callees.row.0"), callee);
}

TEST_F(TreePanelsTest, TheFilterNarrowsTheTree) {
  open(PanelId::kTree);
  const std::string whole = text_of("tree.row.0");
  View next = stage_.app().view();
  next.filter = "fn:\"no such function\"";
  stage_.app().go(next);
  ASSERT_TRUE(stage_.settle());
  EXPECT_NE(text_of("empty.text").find("no such function"), std::string::npos);
  press("Alt+Left");
  EXPECT_EQ(text_of("tree.row.0"), whole);
}

TEST_F(TreePanelsTest, FlamesZoomSearchAndTurn) {
  open(PanelId::kFlame);
  ASSERT_NE(find_mark("flame.box.0"), nullptr);
  EXPECT_EQ(text_of("flame.box.0"), "(all)");
  const std::string whole = text_of("flame.total");
  ASSERT_TRUE(stage_.click("flame.box.1"));
  EXPECT_NE(text_of("flame.total"), whole);
  EXPECT_FALSE(stage_.app().view().function.empty());
  press("Backspace");
  EXPECT_EQ(text_of("flame.total"), whole);

  const UiMark* icicle = find_mark("flame.box.0");
  const float top = icicle->min.y;
  press("B");
  EXPECT_GT(find_mark("flame.box.0")->min.y, top);

  ASSERT_TRUE(stage_.click("flame.search"));
  stage_.type("no such function");
  EXPECT_NE(text_of("flame.total").find("0 frames"), std::string::npos)
      << text_of("flame.total");
}

TEST_F(TreePanelsTest, EveryBoxSaysWhatItIs) {
  open(PanelId::kFlame);
  ASSERT_TRUE(stage_.wheel("flame.graph", 2));
  ASSERT_TRUE(stage_.hover("flame.graph"));
  ASSERT_TRUE(stage_.drag("flame.graph", {0.5f, 0.1f}, {0.3f, 0.1f}));
  EXPECT_NE(find_mark("flame.box.0"), nullptr);
}

}  // namespace
}  // namespace memoir
