// The panel of differences says what analyze/compare.h says of the same figures.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyze/compare.h"
#include "analyze/moments.h"
#include "analyze/site_rows.h"
#include "analyze/units.h"
#include "support/event_trace.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "viewer/marks.h"
#include "viewer/stage.h"
#include "viewer/widgets/cost_choice.h"

namespace memoir {
namespace {

std::string text_of(std::string_view mark) {
  const UiMark* found = find_mark(mark);
  return found != nullptr ? found->text : "(not in sight)";
}

class ComparePanelTest : public testing::Test {
 protected:
  ComparePanelTest() {
    SyntheticTrace old(old_.path());
    old.write();
    old.writer().finish();
    SyntheticTrace later(new_.path());
    const TraceStackId fresh = later.stack(
        {{"main", "/src/app/main.cpp", 40}, {"fresh()", "/src/app/new.cpp", 8}});
    later.write();
    later.writer().put_site({.process = {1},
                             .stack = fresh,
                             .api = Api::kMalloc,
                             .allocations = 9,
                             .allocated_bytes = 90'000,
                             .live_blocks = 9,
                             .live_bytes = 90'000,
                             .peak_bytes = 90'000});
    later.writer().finish();
  }
  void open(const std::filesystem::path& path) {
    stage_.app().open(path);
    ASSERT_TRUE(stage_.settle());
    stage_.app().go(PanelId::kCompare);
    ASSERT_TRUE(stage_.settle());
  }
  void open_both() {
    open(old_.path());
    stage_.app().open_to_compare(new_.path());
    ASSERT_TRUE(stage_.settle());
    stage_.app().go(PanelId::kCompare);
    ASSERT_TRUE(stage_.settle());
  }
  Comparison expected(SiteOrder order) const {
    TraceReader old(old_.path()), later(new_.path());
    const auto before = site_costs(read_sites(old.database(), SiteKind::kHeap), order);
    const auto after = site_costs(read_sites(later.database(), SiteKind::kHeap), order);
    return Comparison({std::make_shared<StackStore>(old.database()), before},
                      {std::make_shared<StackStore>(later.database()), after});
  }
  static void expect_row(std::size_t row, const ChangedSite& site) {
    EXPECT_EQ(text_of(fmt::format("compare.row.{}", row)),
              fmt::format("{} {} {} {}", site.function, site.figures.before,
                          site.figures.after, change_name(site.figures.change())));
  }

  ScratchFile old_, new_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(ComparePanelTest, SaysHowToCompareWhenThereIsNothingToCompareWith) {
  open(old_.path());
  EXPECT_NE(text_of("compare.empty.text").find("Ctrl+Shift+O"), std::string::npos);
}

TEST_F(ComparePanelTest, ShowsWhatChangedBetweenTwoTraces) {
  open_both();
  const Comparison leaked = expected(SiteOrder::kLeaked);
  ASSERT_EQ(leaked.sites()[0].function, "fresh()");
  expect_row(0, leaked.sites()[0]);
  expect_row(1, leaked.sites()[1]);
  EXPECT_NE(text_of("compare.total").find("+" + format_bytes(90'000)), std::string::npos)
      << text_of("compare.total");
}

TEST_F(ComparePanelTest, AnotherFigureIsChosen) {
  open_both();
  ASSERT_TRUE(stage_.click("compare.cost"));
  ASSERT_TRUE(stage_.click("compare.cost.count"));
  ASSERT_TRUE(stage_.settle());
  expect_row(0, expected(SiteOrder::kCount).sites()[0]);
}

TEST_F(ComparePanelTest, ARowSelectsItsStackWhereThisTraceHasOne) {
  open_both();
  ASSERT_TRUE(stage_.click("compare.row.0"));
  EXPECT_EQ(stage_.app().view().function, "fresh()");
  EXPECT_FALSE(stage_.app().view().stack);
  ASSERT_TRUE(stage_.click("compare.row.1"));
  const std::string function = stage_.app().view().function;
  const TraceStackId stack = stage_.app().view().stack;
  ASSERT_TRUE(stack);
  TraceReader reader(old_.path());
  const StackStore stacks(reader.database());
  EXPECT_EQ(stacks.text(stacks.place(stack)->function), function);
}

TEST_F(ComparePanelTest, TheFilterNarrowsBothSides) {
  open_both();
  View view = stage_.app().view();
  view.filter = "fn:strings";
  stage_.app().go(view);
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(text_of("compare.row.0"), "strings(char const*) 570 570 same");
  EXPECT_EQ(find_mark("compare.row.1"), nullptr);
}

TEST_F(ComparePanelTest, TreeAndFlameShowTheDifferenceToo) {
  open_both();
  stage_.app().go(PanelId::kFlame);
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.click("flame.cost"));
  ASSERT_TRUE(stage_.click("flame.cost.leaked-change"));
  ASSERT_TRUE(stage_.settle());
  const std::int64_t delta = expected(SiteOrder::kLeaked).total().delta();
  ASSERT_EQ(delta, 90'000);
  EXPECT_EQ(text_of("flame.total"), "Leaked, change +" + format_bytes(90'000));
  ASSERT_TRUE(stage_.click("flame.cost"));
  ASSERT_TRUE(stage_.click("flame.cost.allocated-change"));
  stage_.app().go(PanelId::kTree);
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.click("tree.cost"));
  ASSERT_TRUE(stage_.click("tree.cost.leaked-change"));
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(text_of("tree.row.0"), "(all) 90000");
}

TEST_F(ComparePanelTest, WithoutASecondTraceThereIsNoSuchCost) {
  open(old_.path());
  stage_.app().go(PanelId::kFlame);
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.click("flame.cost"));
  EXPECT_NE(find_mark("flame.cost.leaked"), nullptr);
  EXPECT_EQ(find_mark("flame.cost.leaked-change"), nullptr);
  EXPECT_EQ(find_mark("flame.cost.change"), nullptr);
}

TEST_F(ComparePanelTest, ARangeComparesItsTwoEnds) {
  const ScratchFile file;
  std::vector<TraceEvent> events = EventMaker(5).make(20'000);
  write_events(file.path(), events, 4'000);
  open(file.path());
  View view = stage_.app().view();
  const std::uint64_t span = stage_.app().session()->facts()->span;
  view.range = TimeRange{span / 4, span * 3 / 4};
  stage_.app().go(view);
  ASSERT_TRUE(stage_.settle());
  EventIndex index(file.path(), ProcessId{1});
  index.update();
  const auto bytes_at = [&](std::uint64_t t) {
    const std::uint64_t moment = index.view().moment_at(t);
    return heap_at(index, moment).bytes;
  };
  EXPECT_TRUE(text_of("compare.total")
                  .starts_with(fmt::format("{} > {}", format_bytes(bytes_at(span / 4)),
                                           format_bytes(bytes_at(span * 3 / 4)))))
      << text_of("compare.total");
  EXPECT_NE(find_mark("compare.row.0"), nullptr);
  stage_.app().go(PanelId::kFlame);
  ASSERT_TRUE(stage_.settle());
  ASSERT_TRUE(stage_.click("flame.cost"));
  ASSERT_TRUE(stage_.click("flame.cost.change"));
  ASSERT_TRUE(stage_.settle());
  const auto before = static_cast<std::int64_t>(bytes_at(span / 4));
  const auto after = static_cast<std::int64_t>(bytes_at(span * 3 / 4));
  EXPECT_EQ(text_of("flame.total"),
            "Change over the range " + change_text(after - before, true));
}

}  // namespace
}  // namespace memoir
