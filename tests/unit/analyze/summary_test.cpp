#include "analyze/summary.h"

#include <gtest/gtest.h>

#include "analyze/leaks.h"
#include "analyze/report_content.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

TEST(Summary, TellsEveryProcessAndTheirSum) {
  const ScratchFile file;
  {
    SyntheticTrace trace(file.path());
    trace.write();
    trace.writer().finish();
  }
  TraceReader reader(file.path());
  const RunSummary run = summarize(reader);
  EXPECT_EQ(run.state, TraceState::kComplete);
  EXPECT_EQ(run.version, "1.2.3");
  ASSERT_EQ(run.processes.size(), 2U);
  const ProcessSummary& app = run.processes[0];
  EXPECT_EQ(app.command, "app --big file");
  EXPECT_EQ(app.end, "exit:0");
  EXPECT_EQ(app.duration, 1'000'000'000U);
  EXPECT_EQ(app.threads, 2U);
  EXPECT_EQ(app.allocations, 1'000'014U);
  EXPECT_EQ(app.peak_t, 250'000'000U);
  EXPECT_EQ(app.mapped_peak_bytes, 1U << 20);
  EXPECT_EQ(run.processes[1].end, "signal:11");
  EXPECT_EQ(run.processes[1].duration, 100'000'000U);

  EXPECT_EQ(run.total.allocations, 1'000'015U);
  EXPECT_EQ(run.total.live_bytes, 3'570U);
  EXPECT_EQ(run.total.peak_bytes, 8'000U);
  EXPECT_EQ(run.total.pid, 4242);
  EXPECT_EQ(run.total.dropped, 3U);
  EXPECT_EQ(run.total.unknown_frees, 2U);
  EXPECT_EQ(run.total.duration, 1'000'000'000U);
}

// A block of malloc's holds a pool, of which the program did not give back one block:
// that is what was never freed, wherever it is told.
TEST(Summary, SaysWhatLeaksSays) {
  const ScratchFile file;
  {
    SyntheticTrace trace(file.path());
    trace.write();
    TraceWriter& writer = trace.writer();
    const TraceStackId chunk = trace.stack({{"chunk()", "/src/app/arena.cpp", 5}});
    const TraceStackId user = trace.stack({{"user()", "/src/app/user.cpp", 6}});
    writer.put_site({.process = {1},
                     .stack = chunk,
                     .api = Api::kMalloc,
                     .allocations = 1,
                     .allocated_bytes = 4'096,
                     .live_blocks = 1,
                     .live_bytes = 4'096});
    writer.put_pool_backing({.process = {1},
                             .stack = chunk,
                             .api = static_cast<std::uint32_t>(Api::kMalloc),
                             .blocks = 1,
                             .bytes = 4'096});
    writer.put_pool({.process = {1},
                     .pool = 1,
                     .kind = "arena",
                     .allocations = 2,
                     .live_blocks = 2,
                     .live_bytes = 30});
    writer.put_pool_site({.process = {1},
                          .pool = 1,
                          .stack = user,
                          .allocations = 2,
                          .allocated_bytes = 30,
                          .live_blocks = 2,
                          .live_bytes = 30});
    writer.finish();
  }
  TraceReader reader(file.path());
  const RunSummary run = summarize(reader);
  EXPECT_EQ(run.total.live_blocks, 5U + 2);
  EXPECT_EQ(run.total.live_bytes, 3'570U + 30);
  EXPECT_EQ(run.processes[0].live_bytes, 3'500U + 30);
  EXPECT_EQ(run.processes[1].live_bytes, 70U);
  const LeakReport leaks = find_leaks(reader);
  EXPECT_EQ(run.total.live_blocks, leaks.blocks);
  EXPECT_EQ(run.total.live_bytes, leaks.bytes);
  const ReportContent report = collect_report(reader, 5, std::nullopt);
  EXPECT_EQ(report.total.live_blocks, leaks.blocks);
  EXPECT_EQ(report.total.live_bytes, leaks.bytes);
  EXPECT_EQ(report.sections.front().total, leaks.bytes);
  EXPECT_EQ(summarize(reader, ProcessId{2}).total.live_bytes, 70U);
}

TEST(Summary, LeavesOutWhatIsSuppressed) {
  const ScratchFile file;
  {
    SyntheticTrace trace(file.path());
    trace.write();
    trace.writer().put_suppression("leak:strings", 0, 0);
    trace.writer().finish();
  }
  TraceReader reader(file.path());
  const RunSummary run = summarize(reader);
  EXPECT_EQ(run.total.live_blocks, 3U);
  EXPECT_EQ(run.total.live_bytes, 3'000U);
  EXPECT_EQ(run.processes[1].live_bytes, 0U);
}

TEST(Summary, TellsOneProcess) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write();
  TraceReader reader(file.path());
  const RunSummary run = summarize(reader, ProcessId{2});
  ASSERT_EQ(run.processes.size(), 1U);
  EXPECT_EQ(run.total.allocations, 1U);
  EXPECT_EQ(run.total.started, 500'000'000U);
}

TEST(Summary, TimesAProcessWithoutAnEnd) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write(false);
  trace.writer().begin();
  trace.writer().put_sample({.process = {1}, .t = 700'000'000, .rss = 1});
  trace.writer().commit();
  TraceReader reader(file.path());
  const RunSummary run = summarize(reader);
  EXPECT_EQ(run.state, TraceState::kGrowing);
  EXPECT_EQ(run.processes[0].end, "running");
  EXPECT_EQ(run.processes[0].duration, 700'000'000U);
}

TEST(Summary, SurvivesATraceWithoutProcesses) {
  const ScratchFile file;
  TraceWriter(file.path(), true).finish();
  TraceReader reader(file.path());
  EXPECT_TRUE(summarize(reader).processes.empty());
}

}  // namespace
}  // namespace memoir
