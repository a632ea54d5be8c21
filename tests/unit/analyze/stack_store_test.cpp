#include "analyze/stack_store.h"

#include <gtest/gtest.h>

#include "analyze/hotspots.h"
#include "support/made_stacks.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

// Reads the same as who asks the trace itself.
void expect_as_in(Database& database, const StackStore& store) {
  StackExpander expander(database);
  Statement place = database.prepare(
      "SELECT function, file, line, module FROM stack_place WHERE stack = ?");
  ASSERT_GT(store.size(), 1U);
  for (std::uint32_t i = 1; i < store.size(); ++i) {
    const auto expected = expander.expand({i});
    const auto frames = store.expand({i});
    ASSERT_EQ(frames.size(), expected.size());
    for (std::size_t k = 0; k < frames.size(); ++k) {
      EXPECT_EQ(frames[k].function, expected[k].function);
      EXPECT_EQ(frames[k].file, expected[k].file);
      EXPECT_EQ(frames[k].line, expected[k].line);
      EXPECT_EQ(frames[k].module, expected[k].module);
      EXPECT_EQ(frames[k].address, expected[k].address);
      EXPECT_EQ(frames[k].inlined, expected[k].inlined);
      EXPECT_EQ(frames[k].skipped, expected[k].skipped);
    }
    place.reset();
    place.bind(0, i);
    const FrameLine* line = store.place({i});
    ASSERT_EQ(place.step(), line != nullptr) << i;
    if (line == nullptr) continue;
    EXPECT_EQ(store.text(line->function), place.text(0));
    EXPECT_EQ(store.text(line->file), place.text(1));
    EXPECT_EQ(line->line, place.integer(2));
    EXPECT_EQ(store.text(store.frames().module(line->module).path), place.text(3));
  }
}

TEST(StackStore, HoldsWhatTheTraceSays) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write();
  Database& database = trace.writer().database();
  // One function inlined into two, of which the inner ones are the allocator's.
  database.execute(
      "INSERT INTO string VALUES(98, 'inner'), (99, 'outer');"
      "UPDATE frame_line SET inlined = 1, skip = 1 WHERE frame = 2;"
      "INSERT INTO frame_line VALUES(2, 1, 98, NULL, 8, 1, 0), (2, 2, 99, NULL, 9, 0, 0),"
      " (3, 1, 98, NULL, 1, 0, 2)");
  const StackStore store(database);
  expect_as_in(database, store);
}

TEST(StackStore, NamesWhatHasNoSymbols) {
  const ScratchFile file;
  SyntheticTrace trace(file.path(), false);
  trace.write();
  Database& database = trace.writer().database();
  expect_as_in(database, StackStore(database));
  const StackStore named(database, [](auto, auto, std::uint64_t address) {
    StackFrame frame;
    frame.function = "at " + std::to_string(address);
    return std::vector<StackFrame>{frame};
  });
  EXPECT_EQ(named.expand({1}).front().function, "at 4096");
}

TEST(StackStore, SurvivesWildNumbers) {
  const ScratchFile file;
  SyntheticTrace trace(file.path());
  trace.write();
  Database& database = trace.writer().database();
  database.execute(
      "INSERT INTO frame VALUES(-5, 1, 1), (4000000000, 1, 1), (9000000000000, 77, 1);"
      "INSERT INTO frame_line VALUES(-9, 0, 1, 1, 1, 0, 0), (4, -3, -1, 1e18, -1, 9, 9);"
      "INSERT INTO string VALUES(-1, 'x'), (5000000000, 'y');"
      "INSERT INTO module VALUES(-1, 'x', 'x', 'x'), (5000000000, 'y', 'y', 'y');"
      "INSERT INTO attribution(stack, frame) VALUES(-1, 1), (99999999999, 1);"
      "UPDATE attribution SET frame = 4000000 WHERE stack = 3;"
      "UPDATE path SET frames = 12345678 WHERE id = 1;"
      "INSERT INTO stack_run VALUES(4000000000, 1, 1)");
  const StackStore store(database);
  EXPECT_LT(store.size(), 1'000U);
  for (std::uint32_t i = 0; i < store.size() + 3; ++i) {
    store.expand({i});
    store.place({i});
  }
}

TEST(FrameTable, KnowsTheSystemsModules) {
  EXPECT_TRUE(is_system_module("/usr/lib/x86_64-linux-gnu/libc.so.6"));
  EXPECT_TRUE(is_system_module("/lib64/ld-linux-x86-64.so.2"));
  EXPECT_FALSE(is_system_module("/home/me/lib/libmine.so"));
  EXPECT_FALSE(is_system_module("/usr/local/lib/libmine.so"));
}

}  // namespace
}  // namespace memoir
