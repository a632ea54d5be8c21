// Every panel of panels.inc is driven over a trace that has something of everything; what
// it says is what the functions behind the commands answer. A panel without a check does
// not link: each has a member check_<id>().

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "analyze/block_query.h"
#include "analyze/compare.h"
#include "analyze/faults.h"
#include "analyze/heap_map.h"
#include "analyze/histograms.h"
#include "analyze/hotspots.h"
#include "analyze/leaks.h"
#include "analyze/line_costs.h"
#include "analyze/pools.h"
#include "analyze/report_content.h"
#include "analyze/site_rows.h"
#include "analyze/threads.h"
#include "analyze/units.h"
#include "fuzz/damaged_traces.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {

void PrintTo(const PanelRow& row, std::ostream* out) { *out << row.name; }

namespace {

class PanelsTest : public testing::TestWithParam<PanelRow> {
 protected:
  PanelsTest() {
    write_trace_of_everything(file_.path());
    reader_ = std::make_unique<TraceReader>(file_.path());
    stage_.app().open(file_.path());
    stage_.settle();
  }
  void show(PanelId panel) {
    ASSERT_TRUE(stage_.click(std::string("tab.") + panel_row(panel).name));
    ASSERT_TRUE(stage_.settle());
  }
  void click(const std::string& mark) {
    ASSERT_TRUE(stage_.click(mark)) << mark;
    ASSERT_TRUE(stage_.settle());
  }
  void press(const char* keys) {
    stage_.press(*parse_chord(keys));
    ASSERT_TRUE(stage_.settle());
  }
  void narrow(std::optional<ProcessId> process, const std::string& filter = "") {
    View next = view();
    next.process = process;
    next.filter = filter;
    stage_.app().go(next);
    ASSERT_TRUE(stage_.settle());
  }
  static std::string text_of(const std::string& mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }
  static void expect_part(const std::string& mark, const std::string& part) {
    EXPECT_NE(text_of(mark).find(part), std::string::npos)
        << mark << " says '" << text_of(mark) << "', which is not '" << part << "'";
  }
  // The rows of a table, as they lie there.
  static std::vector<std::string> rows_of(const std::string& name) {
    std::vector<std::string> rows;
    while (const UiMark* row = find_mark(fmt::format("{}.row.{}", name, rows.size()))) {
      rows.push_back(row->text);
    }
    return rows;
  }
  // A click on a title puts the same rows into another order, and a second one turns it.
  void expect_sorting(const std::string& name, const std::string& title) {
    const std::vector<std::string> before = rows_of(name);
    click(name + ".title." + title);
    const std::vector<std::string> sorted = rows_of(name);
    EXPECT_TRUE(std::ranges::is_permutation(before, sorted)) << title;
    click(name + ".title." + title);
    const std::vector<std::string> turned = rows_of(name);
    EXPECT_TRUE(std::ranges::is_permutation(before, turned)) << title;
    if (std::set(before.begin(), before.end()).size() > 1) {
      EXPECT_NE(sorted, turned) << title;
    }
  }
  const View& view() { return stage_.app().view(); }
  Database& database() { return reader_->database(); }

#define MEMOIR_PANEL(id, name, title, icon) void check_##id();
#include "viewer/panels.inc"
#undef MEMOIR_PANEL

  ScratchFile file_;
  std::unique_ptr<TraceReader> reader_;
  Stage stage_{{.width = 1600, .height = 1200, .plain_fonts = true}};
};

void PanelsTest::check_kSummary() {
  const ReportContent report = collect_report(*reader_, 5, std::nullopt);
  const ProcessSummary& total = report.run.total;
  expect_part("summary.leaks", format_bytes(total.live_bytes));
  expect_part("summary.leaks", format_things(total.live_blocks, "block"));
  expect_part("summary.faults", format_things(report.faults.times, "memory error"));
  expect_part("summary.figures", format_things(total.allocations, "allocation"));
  expect_part("summary.figures", format_bytes(total.allocated_bytes));
  expect_part("summary.figures", format_bytes(total.peak_bytes));
  for (const ReportSection& section : report.sections) {
    for (std::size_t i = 0; i < section.sites.size(); ++i) {
      if (section.sites[i].figures.value(section.order) == 0) continue;
      const std::string mark =
          fmt::format("summary.{}.{}", site_order_name(section.order), i);
      EXPECT_EQ(text_of(mark), section.sites[i].function);
      click(mark);
      EXPECT_EQ(view().stack, section.sites[i].heaviest_stack);
      EXPECT_NE(find_mark("details.frame.1"), nullptr) << mark;
    }
  }
  click("summary.leaks");
  EXPECT_EQ(view().panel, PanelId::kLeaks);
  show(PanelId::kSummary);
  click("summary.faults");
  EXPECT_EQ(view().panel, PanelId::kFaults);
}

void PanelsTest::check_kLeaks() {
  const LeakReport all = find_leaks(database());
  ASSERT_GT(all.leaks.size(), 1U);
  EXPECT_EQ(rows_of("leaks").size(), all.leaks.size());
  expect_part("leaks.total", format_bytes(all.bytes));
  expect_part("leaks.total", format_things(all.blocks, "block"));
  for (std::size_t i = 0; i < all.leaks.size(); ++i) {
    const std::string row = fmt::format("leaks.row.{}", i);
    expect_part(row, all.leaks[i].function);
    expect_part(row, std::to_string(all.leaks[i].bytes));
    click(row);
    EXPECT_EQ(view().function, all.leaks[i].function);
    EXPECT_EQ(view().stack, all.leaks[i].heaviest_stack);
  }
  for (const char* title : {"Function", "Bytes", "Blocks", "Average"}) {
    expect_sorting("leaks", title);
  }
  narrow(ProcessId{2});
  expect_part("leaks.total", format_bytes(find_leaks(database(), ProcessId{2}).bytes));
}

void PanelsTest::check_kFaults() {
  const FaultReport report = find_faults(database());
  ASSERT_EQ(report.faults.size(), 1U);
  expect_part("faults.total", fmt::format("{}", report.different));
  EXPECT_EQ(text_of("faults.row.0"), report.faults[0].row.message);
  click("faults.row.0");
  EXPECT_EQ(view().fault, 0U);
  EXPECT_EQ(text_of("fault.message"), report.faults[0].row.message);
  EXPECT_NE(find_mark("fault.access"), nullptr);
  EXPECT_NE(find_mark("fault.alloc"), nullptr);
  EXPECT_EQ(find_mark("fault.free"), nullptr);  // it was not freed
  EXPECT_NE(find_mark("fault.hex.0"), nullptr);
  press("X");
  EXPECT_EQ(ImGui::GetClipboardText(), suppression_line(report.faults[0]));
  click("fault.access.0");
  EXPECT_FALSE(view().function.empty());
}

void PanelsTest::check_kTree() {
  const CallSites sites(database(), SiteKind::kHeap);
  const std::uint64_t all = sites.total().value(SiteOrder::kAllocated);
  EXPECT_EQ(text_of("tree.row.0"), fmt::format("(all) {}", all));
  EXPECT_EQ(text_of("tree.cost"), "allocated");
  click("tree.row.1");
  EXPECT_TRUE(text_of("tree.row.1").starts_with(view().function));
  const std::size_t rows = rows_of("tree").size();
  click("tree.arrow.0");
  EXPECT_LT(rows_of("tree").size(), rows);
  click("tree.arrow.0");
  EXPECT_EQ(rows_of("tree").size(), rows);
}

void PanelsTest::check_kFlame() {
  const CallSites sites(database(), SiteKind::kHeap);
  expect_part("flame.total", format_bytes(sites.total().value(SiteOrder::kAllocated)));
  EXPECT_EQ(text_of("flame.box.0"), "(all)");
  click("flame.box.1");
  EXPECT_EQ(view().function, text_of("flame.box.1"));
  ASSERT_TRUE(stage_.click("flame.search"));
  stage_.type("main");
  expect_part("flame.total", "match");
}

void PanelsTest::check_kAllocations() {
  EventIndex index(file_.path(), ProcessId{1});
  index.update();
  BlockQuery query;
  query.order = BlockOrder::kSize;
  const FoundBlocks found = find_blocks(index, query);
  expect_part("allocations.total", format_bytes(found.bytes));
  expect_part("allocations.total", format_things(found.count, "block"));
  expect_part("allocations.row.0", std::to_string(found.blocks[0].size));
  click("allocations.row.0");
  EXPECT_EQ(view().address, found.blocks[0].address);
  EXPECT_NE(find_mark("block.end"), nullptr);
  press("J");
  EXPECT_EQ(view().address, found.blocks[1].address);
}

void PanelsTest::check_kMap() {
  EventIndex index(file_.path(), ProcessId{1});
  index.update();
  const HeapMap map = HeapMap::make(index, index.view()->peak.moment);
  expect_part("map.total", format_bytes(map.live_bytes()));
  expect_part("map.total", format_things(map.blocks(), "block"));
  ASSERT_TRUE(stage_.hover("map.memory"));
  click("map.memory");
  EXPECT_NE(find_mark("map.holes"), nullptr);
}

void PanelsTest::check_kHistograms() {
  const Histograms right = read_histograms(database());
  ASSERT_GT(right.sizes[5].blocks, 0U);
  EXPECT_EQ(text_of("histogram.sizes.5"),
            fmt::format("{} {}", right.sizes[5].blocks, right.sizes[5].bytes));
  EXPECT_EQ(text_of("histogram.lives.9"),
            fmt::format("{} {}", right.lifetimes[9].blocks, right.lifetimes[9].bytes));
  click("histogram.bytes");
  ASSERT_TRUE(stage_.hover("histogram.sizes.5"));
  expect_part("tooltip", format_bytes(right.sizes[5].bytes));
  click("histogram.sizes.5");
  EXPECT_EQ(view().filter, fmt::format("size:{}..{}", bucket_least(5), bucket_most(5)));
}

void PanelsTest::check_kPools() {
  const std::vector<Pool> pools = find_pools(database());
  ASSERT_EQ(pools.size(), 1U);
  expect_part("pools.row.0", pools[0].row.name);
  EXPECT_EQ(rows_of("pools").size(), 1U);
  EXPECT_EQ(view().stack, pools[0].row.stack);
  EXPECT_EQ(rows_of("pool_sites").size(), pools[0].sites.size());
  click("pool_sites.row.0");
  EXPECT_EQ(view().stack, pools[0].sites[0].figures.stack);
  expect_sorting("pools", "Peak");
}

void PanelsTest::check_kThreads() {
  const RunSummary run = summarize(*reader_);
  EXPECT_EQ(rows_of("processes").size(), run.processes.size());
  expect_sorting("processes", "PID");
  expect_sorting("processes", "Allocations");
  EXPECT_EQ(rows_of("threads").size(), 3U);  // two have names, a third one has events
  click("processes.row.1");
  ASSERT_TRUE(view().process);
  EXPECT_NE(find_mark("chip.process"), nullptr);
  click("chip.process");
  EXPECT_FALSE(view().process);
}

void PanelsTest::check_kCompare() {
  EXPECT_NE(find_mark("compare.empty.title"), nullptr);
  stage_.app().open_to_compare(file_.path());
  ASSERT_TRUE(stage_.settle());
  expect_part("compare.total", format_bytes(find_leaks(database()).bytes));
  for (const std::string& row : rows_of("compare")) {
    EXPECT_TRUE(row.ends_with(" same")) << row;
  }
}

void PanelsTest::check_kSource() {
  const StackStore stacks(database());
  std::vector<std::string> files;
  for (const FileCost& file : file_costs(
           stacks,
           site_costs(read_sites(database(), SiteKind::kHeap), SiteOrder::kAllocated))) {
    if (file.file) files.emplace_back(stacks.text(file.file));
  }
  EXPECT_EQ(rows_of("source.files"), files);
  expect_sorting("source.files", "File");
  click("source.files.row.0");
  EXPECT_FALSE(view().file.empty());
  EXPECT_NE(find_mark("source.missing.text"), nullptr);  // no such file on disk
}

void PanelsTest::check_kSql() {
  EXPECT_NE(find_mark("empty.title"), nullptr);
  for (const char* saved : {"leaks", "sites", "faults", "events", "sizes", "timeline"}) {
    click(std::string("sql.saved.") + saved);
    EXPECT_EQ(find_mark("sql.problem"), nullptr) << saved << text_of("sql.problem");
    EXPECT_NE(find_mark("sql.row.0"), nullptr) << saved;
  }
  click("sql.text");
  press("Ctrl+A");
  stage_.type("delete from leaks");
  click("sql.run");
  EXPECT_NE(find_mark("sql.problem"), nullptr);
}

void PanelsTest::check_kLog() {
  EXPECT_NE(find_mark("empty.title"), nullptr);
  stage_.app().notify("first");
  stage_.app().notify("/no/such: cannot be read", true);
  ASSERT_TRUE(stage_.settle());
  EXPECT_EQ(text_of("log.0"), "first");
  EXPECT_EQ(text_of("log.1"), "/no/such: cannot be read");
}

TEST_P(PanelsTest, IsDriven) {
  show(GetParam().id);
  switch (GetParam().id) {
#define MEMOIR_PANEL(id, name, title, icon) \
  case PanelId::id:                         \
    return check_##id();
#include "viewer/panels.inc"
#undef MEMOIR_PANEL
  }
}

// Rows are led through by keys, wherever a panel has some, and the view follows.
TEST_P(PanelsTest, AnswersForOneProcessAndForAFilterThatTakesNothing) {
  show(GetParam().id);
  narrow(ProcessId{2});
  EXPECT_EQ(find_mark("filter.error"), nullptr);
  narrow(std::nullopt, "fn:\"no such function\"");
  for (const char* key : {"J", "Down", "K", "Enter", "Backspace"}) press(key);
  EXPECT_EQ(view().filter, "fn:\"no such function\"");
  narrow(std::nullopt);
  EXPECT_EQ(text_of(std::string("tab.") + GetParam().name), "current");
}

// In any size: nothing asserts, hangs, or lies outside.
TEST_P(PanelsTest, IsDrawnInLittleRoom) {
  show(GetParam().id);
  for (const auto& [width, height] : {std::pair(640, 400), {300, 200}, {2400, 500}}) {
    stage_.resize(width, height);
    ASSERT_TRUE(stage_.settle()) << width;
    press("J");
  }
}

TEST_P(PanelsTest, SaysSomethingOfAnEmptyTrace) {
  const ScratchFile empty;
  TraceWriter(empty.path(), true).finish();
  stage_.app().open(empty.path());
  ASSERT_TRUE(stage_.settle());
  show(GetParam().id);
  EXPECT_EQ(text_of(std::string("tab.") + GetParam().name), "current");
  press("J");
}

INSTANTIATE_TEST_SUITE_P(All, PanelsTest, testing::ValuesIn(all_panels()),
                         [](const testing::TestParamInfo<PanelRow>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace memoir
