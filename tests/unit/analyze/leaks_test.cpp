#include "analyze/leaks.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

void expect_all_leaks(const LeakReport& report) {
  ASSERT_EQ(report.leaks.size(), 3U);
  EXPECT_EQ(report.bytes, 3'570U);
  EXPECT_EQ(report.blocks, 5U);
  const Leak& first = report.leaks[0];
  EXPECT_EQ(first.process, ProcessId{1});
  EXPECT_EQ(first.leak_class, "unknown");
  EXPECT_EQ(first.function, "leak_here()");
  EXPECT_EQ(first.line, 12);
  EXPECT_EQ(first.bytes, 3'000U);
  EXPECT_EQ(first.blocks, 3U);
  EXPECT_EQ(first.stacks, 2U);
  EXPECT_EQ(first.heaviest_bytes, 2'000U);
  EXPECT_EQ(report.leaks[1].bytes, 500U);
  EXPECT_EQ(report.leaks[2].process, ProcessId{2});
}

TEST(Leaks, AreGroupedByCallSiteWithoutMappings) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write();
  expect_all_leaks(find_leaks(trace.writer().database()));
}

TEST(Leaks, OfACutShortProcessComeFromItsSites) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write(false);
  expect_all_leaks(find_leaks(trace.writer().database()));
}

TEST(Leaks, OfOneProcess) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write();
  const LeakReport report = find_leaks(trace.writer().database(), ProcessId{2});
  ASSERT_EQ(report.leaks.size(), 1U);
  EXPECT_EQ(report.leaks[0].function, "strings(char const*)");
  EXPECT_EQ(report.bytes, 70U);
}

}  // namespace
}  // namespace memoir
