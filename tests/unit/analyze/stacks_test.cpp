#include "analyze/stacks.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

TEST(Stacks, AreExpandedInnermostFirst) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  const TraceStackId id = trace.stack(
      {{"main", "/src/main.c", 3}, {"f", "/src/f.c", 5}, {"malloc", "", 0, true}});
  // f() was inlined into g().
  Database& database = trace.writer().database();
  database.execute(
      "INSERT INTO string VALUES(99, 'g');"
      "UPDATE frame_line SET inlined = 1 WHERE frame = 2;"
      "INSERT INTO frame_line VALUES(2, 1, 99, NULL, 8, 0, 0)");
  const auto frames = StackExpander(database).expand(id);
  ASSERT_EQ(frames.size(), 4U);
  EXPECT_EQ(frames[0].function, "malloc");
  EXPECT_TRUE(frames[0].skipped);
  EXPECT_EQ(frames[1].function, "f");
  EXPECT_EQ(frames[1].file, "/src/f.c");
  EXPECT_EQ(frames[1].line, 5);
  EXPECT_TRUE(frames[1].inlined);
  EXPECT_EQ(frames[1].module, "/usr/bin/app");
  EXPECT_EQ(frames[2].function, "g");
  EXPECT_FALSE(frames[2].inlined);
  EXPECT_EQ(frames[3].function, "main");
}

TEST(Stacks, WithoutSymbolsShowModuleAndOffset) {
  const ScratchFile file;
  SyntheticTrace trace(file.path(), false);
  const TraceStackId id = trace.stack({{"main", "", 0}});
  const auto frames = StackExpander(trace.writer().database()).expand(id);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].function, "app+0x1000");
}

TEST(Stacks, EndEvenWhenTheTraceIsDamaged) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  const TraceStackId id = trace.stack({{"main", "", 0}, {"f", "", 0}});
  trace.writer().database().execute("UPDATE stack_run SET parent = 2 WHERE first = 1");
  StackExpander expander(trace.writer().database());
  EXPECT_EQ(expander.expand(id).size(), 2U);
  EXPECT_TRUE(expander.expand(TraceStackId{}).empty());
  EXPECT_TRUE(expander.expand(TraceStackId{77}).empty());
}

}  // namespace
}  // namespace memoir
