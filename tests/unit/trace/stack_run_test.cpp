#include "trace/stack_run.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

using Frames = std::vector<std::uint32_t>;

TEST(StackRun, ComesBackAsItWas) {
  for (const Frames& frames :
       {Frames{1, 2}, Frames{95, 96, 2015, 2016}, Frames{55263, 55264, 55265},
        Frames{kMaxRunFrame, 1, kMaxRunFrame - 1}}) {
    EXPECT_EQ(decode_run(encode_run(frames)), frames);
  }
}

TEST(StackRun, SurvivesAnyText) {
  for (const char* text : {"", "\x01", "\xff", "\xf4\x8f", "a\xc3", "\x80\x80"}) {
    for (const std::uint32_t frame : decode_run(text)) EXPECT_LT(frame, 1U << 21);
  }
}

class StackTreeTest : public testing::Test {
 protected:
  StackTreeTest() : writer_(file_.path(), false) { writer_.begin(); }

  TraceStackId add(TraceStackId parent, std::uint32_t frame) {
    return writer_.intern_stack(parent, FrameId{frame});
  }

  const ScratchFile file_;
  TraceWriter writer_;
};

TEST_F(StackTreeTest, FindsEveryStackOfBranchingPaths) {
  std::vector<StackStep> steps(1);
  std::uint32_t seed = 1;
  const auto random = [&seed](std::uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
  };
  // Paths that leave the tree anywhere; some frames have no character.
  while (steps.size() < 20'000) {
    TraceStackId at{random(static_cast<std::uint32_t>(steps.size()))};
    for (std::uint32_t depth = 1 + random(30); depth > 0; --depth) {
      const std::uint32_t frame =
          1 + random(8) * 11'111 + (random(50) == 0 ? kMaxRunFrame : 0);
      const TraceStackId next = add(at, frame);
      if (next.value == steps.size()) steps.push_back({at.value, frame});
      at = next;
    }
  }
  StackTree tree(writer_.database());
  for (std::uint32_t id = 1; id < steps.size(); ++id) {
    const auto found = tree.find(id);
    ASSERT_TRUE(found) << id;
    EXPECT_EQ(found->parent, steps[id].parent) << id;
    EXPECT_EQ(found->frame, steps[id].frame) << id;
  }
  EXPECT_FALSE(tree.find(0));
  EXPECT_FALSE(tree.find(static_cast<std::uint32_t>(steps.size())));
  std::uint32_t next = 1;
  for_each_stack(writer_.database(), [&](std::uint32_t id, StackStep step) {
    ASSERT_EQ(id, next++);
    EXPECT_EQ(step.parent, steps[id].parent);
    EXPECT_EQ(step.frame, steps[id].frame);
  });
  EXPECT_EQ(next, steps.size());
}

TEST_F(StackTreeTest, SqlReadsTheSame) {
  TraceStackId at{};
  for (const std::uint32_t frame : {7U, 55263U, 55264U, 900'000U}) at = add(at, frame);
  at = add(add({1}, 55265), kMaxRunFrame + 5);
  writer_.put_site({.process = {1}, .stack = {4}});
  writer_.put_site({.process = {1}, .stack = at});
  const auto walk = [&](std::uint32_t stack) {
    Statement rows = writer_.database().prepare(
        "SELECT group_concat(frame, ' ') FROM stack_walk WHERE stack = ?");
    rows.bind(0, stack);
    EXPECT_TRUE(rows.step());
    return std::string(rows.text(0));
  };
  EXPECT_EQ(walk(4), "900000 55264 55263 7");
  EXPECT_EQ(walk(at.value), std::to_string(kMaxRunFrame + 5) + " 55265 7");
}

TEST_F(StackTreeTest, RunsOfTheSameFramesShareAPath) {
  // The same two calls from a hundred places, then each of them alone.
  for (std::uint32_t i = 0; i < 100; ++i) add(add(add({}, 10 + i), 3), 4);
  for (std::uint32_t i = 0; i < 100; ++i) {
    const TraceStackId place = add(add({}, 10 + i), 3);
    add(place, 5);
    add(place, kMaxRunFrame + 1);  // no character: a path of its own
  }
  Database& database = writer_.database();
  EXPECT_EQ(database.query_integer("SELECT count(*) FROM stack_run"), 300);
  EXPECT_EQ(database.query_integer("SELECT count(*) FROM path"), 100 + 1 + 100);
  EXPECT_EQ(database.query_integer("SELECT count(DISTINCT frames) FROM path"), 102);
}

TEST_F(StackTreeTest, WildRowsLeadNowhere) {
  writer_.database().execute(
      "INSERT INTO path VALUES(1, '!!'), (2, 5), (3, x'ff');"
      "INSERT INTO stack_run VALUES(3, 9, 1), (4000000000, 1, 2), (5, 4, 3), (8, 1, "
      "99);");
  StackTree tree(writer_.database());
  EXPECT_EQ(tree.find(3)->parent, 0U);
  EXPECT_EQ(tree.find(4)->parent, 3U);
  EXPECT_FALSE(tree.find(6));
  EXPECT_FALSE(tree.find(8));
  for_each_stack(writer_.database(),
                 [](std::uint32_t id, StackStep) { EXPECT_LT(id, 100U); });
}

}  // namespace
}  // namespace memoir
