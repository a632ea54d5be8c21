#include "launcher/incidents_text.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "trace/trace_reader.h"

namespace memoir {
namespace {

TEST(IncidentsText, TellsWhatWasMadeToFailAndWhere) {
  FailureReport report;
  report.count = 12;
  report.sites = {
      {"parse(char const*)", "/src/parse.cpp", "/bin/app", "malloc", 12, 8, 4096},
      {"open_all()", "", "/lib/libx.so", "operator new", 0, 1, 24}};
  EXPECT_EQ(render_failures(report, {}),
            "Made to fail: 12 allocations\n"
            "       8 times of 4.0 KiB by malloc\n"
            "     parse(char const*) at /src/parse.cpp:12\n"
            "       1 time  of 24 B by operator new\n"
            "     open_all() at /lib/libx.so\n"
            "  and 3 more\n\n");
  EXPECT_EQ(render_failures({}, {}), "");
}

TEST(IncidentsText, ListsMarks) {
  MarkReport report;
  report.count = 3;
  report.marks = {{{1}, 1'500'000, "loaded"}, {{2}, 3'000'000'000, "half\x1bway"}};
  const std::string text = render_marks(report, true, {});
  EXPECT_NE(text.find("loaded  (process 1)\n"), text.npos) << text;
  EXPECT_NE(text.find("  and 1 more\n"), text.npos) << text;
  EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_EQ(render_marks({}, true, {}), "");
}

TEST(IncidentsText, ReadsThemFromATrace) {
  const ScratchFile file;
  {
    SyntheticTrace trace(file.path());
    trace.write(true);
    TraceWriter& writer = trace.writer();
    writer.begin();
    writer.put_failure({{1}, {1}, Api::kMalloc, 3, 300, 50});
    writer.put_failure({{1}, {1}, Api::kMalloc, 4, 400, 50});
    writer.put_failure({{2}, {1}, Api::kNew, 1, 8, 60});
    writer.put_mark({{2}, 70, "later"});
    writer.put_mark({{1}, 60, "sooner"});
    writer.commit();
    writer.finish();
  }
  TraceReader trace(file.path());
  const FailureReport all = find_failures(trace.database());
  EXPECT_EQ(all.count, 5u);
  ASSERT_EQ(all.sites.size(), 2u);
  EXPECT_EQ(all.sites[0].count, 4u);
  EXPECT_EQ(all.sites[0].bytes, 400u);
  EXPECT_EQ(all.sites[0].api, "malloc");
  EXPECT_EQ(find_failures(trace.database(), ProcessId{2}).count, 1u);
  EXPECT_EQ(find_failures(trace.database(), std::nullopt, 1).sites.size(), 1u);
  const MarkReport marks = find_marks(trace.database());
  ASSERT_EQ(marks.count, 3u);
  EXPECT_EQ(marks.marks[0].name, "loaded");  // the trace had one already
  EXPECT_EQ(marks.marks[1].name, "sooner");
  EXPECT_EQ(find_marks(trace.database(), ProcessId{2}).count, 1u);
}

}  // namespace
}  // namespace memoir
