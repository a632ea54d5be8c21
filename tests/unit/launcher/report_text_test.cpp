#include "launcher/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "analyze/units.h"
#include "launcher/open_trace.h"
#include "launcher/report_json.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

using testing::HasSubstr;
using testing::Not;

ReportContent report_on(const std::filesystem::path& path,
                        std::optional<ProcessId> only = std::nullopt) {
  const auto trace = open_trace(path);
  return collect_report(*trace, 5, only);
}

class ReportTextTest : public testing::Test {
 protected:
  void write(bool complete = true) {
    SyntheticTrace trace(file_.path());
    trace.write(complete);
    if (complete) trace.writer().finish();
  }

  const ScratchFile file_;
};

TEST_F(ReportTextTest, SaysWhatRanAndWhatBecameOfItsMemory) {
  write();
  const std::string text = render_report(report_on(file_.path()), {});
  EXPECT_THAT(text, HasSubstr("  Command    app --big file\n"
                              "  Ended      exited with status 0, pid 4242\n"
                              "  Took       1.00 s, 2 program images, 3 threads\n"));
  EXPECT_THAT(text, HasSubstr("  Allocated  61.0 MiB in 1,000,015 allocations\n"
                              "  Freed      1,000,010 blocks\n"));
  EXPECT_THAT(text,
              HasSubstr("Peak       7.8 KiB in 80 blocks, after 250 ms (pid 4242)"));
  EXPECT_THAT(text, HasSubstr("Leaked     3.5 KiB in 5 blocks"));
  EXPECT_THAT(text, HasSubstr("Mapped     1.0 MiB at most by mmap and sbrk"));
  EXPECT_THAT(text, HasSubstr("Dropped    3 events lost"));
  EXPECT_THAT(text, HasSubstr("Unknown    2 frees of blocks"));
  EXPECT_THAT(text, HasSubstr("killed by SIGSEGV"));
}

TEST_F(ReportTextTest, ShowsTheTopCallSitesWithTheirStacks) {
  write();
  EXPECT_THAT(render_report(report_on(file_.path()), {}),
              HasSubstr(" 1     2.9 KiB  84.0%  3 blocks  by operator new\n"
                        "    leak_here()\n"
                        "    at /src/app/leak.cpp:12\n"
                        "      operator new(unsigned long)                           "
                        "               [app]\n"
                        "      leak_here()                                           "
                        "         leak.cpp:12\n"));
}

TEST_F(ReportTextTest, FitsInEightyColumnsWithoutColour) {
  {
    SyntheticTrace trace(file_.path());
    trace.write();
    trace.writer().begin();
    std::vector<SyntheticTrace::Place> deep;
    for (int i = 0; i < 60; ++i) {
      deep.push_back({"a_namespace::" + std::string(200, 'x') + "<int>::f(int)",
                      "/a/very/long/path/" + std::string(150, 'p') + ".cpp", i + 1});
    }
    trace.writer().put_site({.process = {1},
                             .stack = trace.stack(deep),
                             .api = Api::kNewArrayAlignedNothrow,
                             .allocations = 1,
                             .allocated_bytes = 1ULL << 60,
                             .live_blocks = 1,
                             .live_bytes = 1ULL << 60});
    trace.writer().commit();
    trace.writer().finish();
  }
  const std::string text = render_report(report_on(file_.path()), {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("... 52 more ..."));
  std::istringstream lines(text.substr(text.find('\n')));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), 80U) << line;
  }
}

TEST_F(ReportTextTest, IsColouredWhenAsked) {
  write();
  EXPECT_THAT(render_report(report_on(file_.path()), {.colour = true}),
              HasSubstr("\x1b[1mleak_here()\x1b[0m"));
}

TEST_F(ReportTextTest, SaysWhenTheRecordingGoesOn) {
  SyntheticTrace trace(file_.path());
  trace.write(false);
  const std::string text = render_report(report_on(file_.path()), {});
  EXPECT_THAT(text, HasSubstr("still running"));
  EXPECT_THAT(text, HasSubstr("Recording  still going on"));
}

TEST_F(ReportTextTest, SaysWhenTheRecordingWasCutShort) {
  { SyntheticTrace(file_.path()).write(false); }
  const std::string text = render_report(report_on(file_.path()), {});
  EXPECT_THAT(text, HasSubstr("Cut short  interrupted"));
  EXPECT_THAT(text, HasSubstr("running at the last moment"));
  EXPECT_THAT(text, HasSubstr("Leaked: 3.5 KiB in 5 blocks never freed"));
}

TEST_F(ReportTextTest, SaysThatStacksWereCut) {
  {
    TraceWriter writer(file_.path(), true);
    writer.begin();
    writer.put_process({.id = {1}, .complete = true});
    writer.put_process({.id = {2}, .complete = true, .stacks_cut = true});
    writer.finish();
  }
  EXPECT_THAT(render_report(report_on(file_.path()), {}),
              HasSubstr("Stacks     some lack their inner frames"));
}

TEST_F(ReportTextTest, NamesWhatACutShortTraceLacks) {
  { SyntheticTrace(file_.path(), false).write(false); }
  EXPECT_THAT(render_report(report_on(file_.path()), {}), HasSubstr("app+0x1"));
  TraceReader reader(file_.path());
  EXPECT_EQ(
      reader.database().query_integer(
          "SELECT count(*) FROM attribution a JOIN frame_line l ON l.frame = a.frame"),
      5);
}

TEST_F(ReportTextTest, ListsTheLargestOfManyProcesses) {
  {
    TraceWriter writer(file_.path(), true);
    writer.begin();
    for (std::uint32_t i = 1; i <= 30; ++i) {
      writer.put_process({.id = {i},
                          .pid = 1000 + i,
                          .command = "process",
                          .end = "exec",
                          .peak_bytes = i,
                          .complete = true});
    }
    writer.finish();
  }
  const std::string text = render_report(report_on(file_.path()), {});
  EXPECT_THAT(text, Not(HasSubstr("\n     1010 ")));
  EXPECT_THAT(text, HasSubstr("\n     1011 "));
  EXPECT_THAT(text, HasSubstr("... and 10 smaller ones"));
}

TEST_F(ReportTextTest, TellsOneProcess) {
  write();
  const std::string text = render_report(report_on(file_.path(), ProcessId{2}), {});
  EXPECT_THAT(text, HasSubstr("Command    child"));
  EXPECT_THAT(text, Not(HasSubstr("leak_here")));
}

TEST_F(ReportTextTest, SurvivesAnEmptyTrace) {
  TraceWriter(file_.path(), true).finish();
  EXPECT_THAT(render_report(report_on(file_.path()), {}),
              HasSubstr("Nothing was recorded"));
  EXPECT_THAT(render_report_json(report_on(file_.path())),
              HasSubstr("\"processes\": []"));
}

TEST_F(ReportTextTest, JsonHasTheSameFigures) {
  write();
  const std::string json = render_report_json(report_on(file_.path()));
  EXPECT_THAT(json, HasSubstr("\"state\": \"complete\""));
  EXPECT_THAT(json, HasSubstr("\"end\": \"signal:11\""));
  EXPECT_THAT(json, HasSubstr("\"leaked\": [\n"));
  EXPECT_THAT(json, HasSubstr("\"live_bytes\": 3000"));
}

TEST_F(ReportTextTest, ProcessesAreFoundByNumberAndByPid) {
  write();
  const auto trace = open_trace(file_.path());
  EXPECT_EQ(find_process(*trace, 2), ProcessId{2});
  EXPECT_EQ(find_process(*trace, 4242), ProcessId{1});
  EXPECT_EQ(find_process(*trace, std::nullopt), std::nullopt);
  EXPECT_ANY_THROW(find_process(*trace, 77));
}

}  // namespace
}  // namespace memoir
