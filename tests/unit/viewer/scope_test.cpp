// Panels answer to the filter, the range and the process, or say that they do not; the
// source stays where it is when a line is clicked; two traces are compared fairly.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "analyze/units.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

class ScopeTest : public testing::Test {
 protected:
  void open() {
    stage_.app().open(file_.path());
    settle();
  }
  void settle() {
    ASSERT_TRUE(stage_.settle());
    stage_.draw_frames(2);
  }
  void show(PanelId panel, const std::string& filter = "",
            std::optional<TimeRange> range = {}, std::optional<ProcessId> process = {}) {
    View view;
    view.panel = panel;
    view.filter = filter;
    view.range = range;
    view.process = process;
    stage_.app().go(view);
    settle();
  }
  static std::string text_of(std::string_view mark) {
    const UiMark* found = find_mark(mark);
    return found != nullptr ? found->text : "(not in sight)";
  }

  ScratchFile file_, other_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(ScopeTest, TheSummarySaysThatItIsOfAll) {
  SyntheticTrace trace(file_.path());
  trace.write();
  trace.writer().finish();
  open();
  EXPECT_EQ(find_mark("summary.remark.0"), nullptr);
  show(PanelId::kSummary, "fn:x", TimeRange{0, 1'000});
  EXPECT_NE(text_of("summary.remark.0").find("filter"), std::string::npos);
  EXPECT_NE(text_of("summary.remark.1").find("range"), std::string::npos);
  show(PanelId::kSummary, "", {}, ProcessId{2});
  EXPECT_NE(text_of("summary.run.process").find("child"), std::string::npos);
}

class FaultScopeTest : public ScopeTest {
 protected:
  FaultScopeTest() {
    SyntheticTrace trace(file_.path());
    trace.write();
    trace.writer().begin();
    for (const char* function : {"first()", "second()"}) {
      FaultRow fault;
      fault.process = {1};
      fault.kind = FaultKind::kDoubleFree;
      fault.t = t_ += 100'000'000;
      fault.thread = {1};
      fault.stack = trace.stack(
          {{"main", "/src/app/main.cpp", 40}, {function, "/src/app/faults.cpp", 9}});
      fault.message = fmt::format("double free in {}", function);
      trace.writer().put_fault(fault);
    }
    trace.writer().put_pool({.process = {1},
                             .pool = 1,
                             .kind = "arena",
                             .name = "lines",
                             .allocations = 3,
                             .peak_bytes = 300});
    trace.writer().put_pool({.process = {1},
                             .pool = 2,
                             .kind = "block_pool",
                             .name = "nodes",
                             .allocations = 2,
                             .peak_bytes = 200});
    trace.writer().commit();
    trace.writer().finish();
    open();
  }

  std::uint64_t t_ = 0;
};

TEST_F(FaultScopeTest, FaultsAnswerToTheFilterAndTheRange) {
  show(PanelId::kFaults);
  EXPECT_EQ(text_of("faults.row.0"), "double free in first()");
  EXPECT_EQ(text_of("faults.row.1"), "double free in second()");
  show(PanelId::kFaults, "fn:second");
  EXPECT_EQ(text_of("faults.row.0"), "double free in second()");
  EXPECT_EQ(find_mark("faults.row.1"), nullptr);
  EXPECT_EQ(text_of("fault.message"), "double free in second()");
  EXPECT_NE(text_of("faults.taken").find("1 of them"), std::string::npos);
  show(PanelId::kFaults, "", TimeRange{50'000'000, 150'000'000});
  EXPECT_EQ(text_of("faults.row.0"), "double free in first()");
  EXPECT_EQ(find_mark("faults.row.1"), nullptr);
  show(PanelId::kFaults, "size>64k");
  EXPECT_NE(text_of("faults.remark.0").find("size>64k"), std::string::npos);
  show(PanelId::kFaults, "fn:third");
  EXPECT_EQ(find_mark("faults.row.0"), nullptr);
  ASSERT_TRUE(stage_.click("faults.clear_filter"));
  settle();
  EXPECT_NE(find_mark("faults.row.1"), nullptr);
}

TEST_F(FaultScopeTest, PoolsAnswerToTheFilterAndSayWhatTheyDoNot) {
  show(PanelId::kPools);
  EXPECT_EQ(text_of("pools.row.0"), "lines");
  EXPECT_EQ(text_of("pools.row.1"), "nodes");
  show(PanelId::kPools, "pool:node thread:3", TimeRange{0, 1'000});
  EXPECT_EQ(text_of("pools.row.0"), "nodes");
  EXPECT_EQ(find_mark("pools.row.1"), nullptr);
  EXPECT_NE(text_of("pools.remark.0").find("thread:3"), std::string::npos);
  EXPECT_NE(text_of("pools.remark.1").find("range"), std::string::npos);
  show(PanelId::kPools, "pool:nobody");
  ASSERT_TRUE(stage_.click("pools.clear_filter"));
  settle();
  EXPECT_EQ(text_of("pools.row.0"), "lines");
}

class CompareScopeTest : public ScopeTest {
 protected:
  // In both: shared() by a steady way, and by one that grows.
  void write(const std::filesystem::path& path, std::uint64_t growing,
             std::uint64_t ended) {
    SyntheticTrace trace(path);
    trace.write();
    const auto steady = trace.stack({{"main", "/src/app/main.cpp", 40},
                                     {"steady()", "/src/app/way.cpp", 1},
                                     {"shared()", "/src/app/way.cpp", 9}});
    growing_ = trace.stack({{"main", "/src/app/main.cpp", 40},
                            {"growing()", "/src/app/way.cpp", 2},
                            {"shared()", "/src/app/way.cpp", 9}});
    for (const auto& [stack, bytes] :
         {std::pair(steady, std::uint64_t{50'000}), {growing_, growing}}) {
      trace.writer().put_site({.process = {1},
                               .stack = stack,
                               .api = Api::kMalloc,
                               .allocations = 1,
                               .allocated_bytes = bytes,
                               .live_blocks = 1,
                               .live_bytes = bytes});
    }
    trace.writer().finish();
    Database(path, Database::Mode::kReadWrite)
        .execute(fmt::format("UPDATE process SET ended = {} WHERE id = 1", ended));
  }
  void open_both() {
    write(other_.path(), 9'000, 2'000'000'000);
    write(file_.path(), 1'000, 1'000'000'000);
    open();
    stage_.app().open_to_compare(other_.path());
    settle();
  }

  TraceStackId growing_;
};

TEST_F(CompareScopeTest, ARowSelectsTheStackThatChanged) {
  open_both();
  show(PanelId::kCompare);
  ASSERT_TRUE(text_of("compare.row.0").starts_with("shared() 51000 59000"))
      << text_of("compare.row.0");
  ASSERT_TRUE(stage_.click("compare.row.0"));
  EXPECT_EQ(stage_.app().view().stack, growing_);
}

TEST_F(CompareScopeTest, AProcessNarrowsBothTraces) {
  open_both();
  show(PanelId::kCompare, "", {}, ProcessId{2});
  EXPECT_TRUE(text_of("compare.total").starts_with("70 B > 70 B"))
      << text_of("compare.total");
  EXPECT_NE(text_of("compare.remark.0").find("/usr/bin/child"), std::string::npos);
}

TEST_F(CompareScopeTest, RunsOfDifferentLengthAreCompared) {
  open_both();
  show(PanelId::kCompare, "", {}, ProcessId{1});
  ASSERT_TRUE(stage_.click("compare.norm"));
  ASSERT_TRUE(stage_.click("compare.norm.time"));
  settle();
  EXPECT_TRUE(text_of("compare.row.0").starts_with("shared() 51000 29500"))
      << text_of("compare.row.0");
  EXPECT_NE(text_of("compare.remark.1").find("times 0.5"), std::string::npos);
}

TEST_F(ScopeTest, AClickOnALineLeavesTheSourceWhereItIs) {
  const ScratchFile source;
  {
    std::ofstream text(source.path());
    for (int line = 1; line <= 500; ++line) text << "line " << line << ";\n";
  }
  SyntheticTrace trace(file_.path());
  const auto stack = trace.stack({{"inner()", source.path().string(), 250}});
  trace.write();
  trace.writer().finish();
  open();
  View view;
  view.panel = PanelId::kSource;
  view.stack = stack;
  stage_.app().go(view);
  settle();
  const UiMark* line = find_mark("source.line.255");
  ASSERT_NE(line, nullptr);
  const float before = line->min.y;
  ASSERT_TRUE(stage_.click("source.line.255"));
  settle();
  line = find_mark("source.line.255");
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->text, "0 0 chosen");
  EXPECT_EQ(line->min.y, before);
}

}  // namespace
}  // namespace memoir
