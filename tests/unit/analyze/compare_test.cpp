#include "analyze/compare.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "analyze/call_tree.h"
#include "support/made_stacks.h"

namespace memoir {
namespace {

class Recording {
 public:
  explicit Recording(const std::string& module = "/opt/app/app",
                     const std::string& build_id = "abc")
      : made_(module, build_id) {}

  void spend(const std::vector<MadeStacks::Line>& lines, std::int64_t value,
             std::int64_t count = 1) {
    costs_.push_back({made_.stack(lines), plain_cost(value, count)});
  }
  // A stack of nothing but addresses.
  void spend_nameless(const std::vector<std::uint64_t>& addresses, std::int64_t value) {
    auto store = std::const_pointer_cast<StackStore>(made_.store());
    TraceStackId stack;
    for (const std::uint64_t address : addresses) {
      const FrameId frame = store->frames().next_frame();
      store->frames().add_frame(
          frame, {static_cast<std::uint32_t>(store->frames().modules() - 1)}, address,
          {});
      stack = store->add(stack, frame, frame);
    }
    costs_.push_back({stack, plain_cost(value, 1)});
  }
  Comparison::Side side() const { return {made_.store(), costs_}; }
  MadeStacks& made() { return made_; }

 private:
  MadeStacks made_;
  std::vector<StackCost> costs_;
};

// "f 10 -> 20 grown; g 5 -> 0 gone; "
std::string text(const Comparison& comparison) {
  std::string text;
  for (const ChangedSite& site : comparison.sites()) {
    text += site.function + " " + std::to_string(site.figures.before) + " -> " +
            std::to_string(site.figures.after) + " " +
            std::string(change_name(site.figures.change())) + "; ";
  }
  return text;
}

TEST(Compare, MatchesByNamesAndNotByLines) {
  Recording before, after("/home/me/build/app", "def");
  before.spend({{"main", "m.c", 1}, {"grew", "g.c", 5}}, 10);
  before.spend({{"main", "m.c", 1}, {"shrank", "g.c", 6}}, 100, 4);
  before.spend({{"main", "m.c", 1}, {"went", "g.c", 7}}, 7);
  before.spend({{"main", "m.c", 1}, {"stayed", "g.c", 8}}, 3);
  after.spend({{"start", "s.c", 1}, {"came", "g.c", 9}}, 50);
  after.spend({{"main", "m.c", 3}, {"grew", "g.c", 15}}, 15);
  after.spend({{"main", "m.c", 4}, {"grew", "g.c", 16}}, 5);
  after.spend({{"main", "m.c", 1}, {"shrank", "g.c", 6}}, 90, 3);
  after.spend({{"main", "m.c", 1}, {"stayed", "g.c", 8}}, 3);
  const Comparison comparison(before.side(), after.side());
  EXPECT_EQ(text(comparison),
            "came 0 -> 50 new; shrank 100 -> 90 shrunk; grew 10 -> 20 grown; "
            "went 7 -> 0 gone; stayed 3 -> 3 same; ");
  EXPECT_EQ(comparison.total().before, 120);
  EXPECT_EQ(comparison.total().after, 163);
  const ChangedSite& shrank = comparison.sites()[1];
  EXPECT_EQ(shrank.figures.before_count, 4);
  EXPECT_EQ(shrank.figures.after_count, 3);
  EXPECT_DOUBLE_EQ(shrank.figures.delta_percent(), -10);
  EXPECT_EQ(shrank.module, "/home/me/build/app");
  EXPECT_EQ(comparison.sites()[0].line, 9);
  EXPECT_EQ(comparison.sites()[1].line, 6);
  EXPECT_EQ(comparison.sites()[2].line, 0) << "there are two lines";
  EXPECT_EQ(comparison.stacks()->expand(shrank.stack).size(), 2U);
}

TEST(Compare, MakesATreeOfDifferences) {
  Recording before, after;
  before.spend({"main", "f", "x"}, 10);
  before.spend({"main", "g", "x"}, 30);
  after.spend({"main", "f", "x"}, 40, 2);
  const Comparison comparison(before.side(), after.side());
  EXPECT_EQ(text(comparison), "x 40 -> 40 same; ") << "one call site";
  const CallTree tree(comparison.stacks(), comparison.costs());
  EXPECT_EQ(tree.root().inclusive.value, comparison.total().delta());
  EXPECT_EQ(tree.root().inclusive.before, 40);
  const CallNode& main = tree.node(1);
  ASSERT_EQ(main.children, 2U);
  EXPECT_EQ(tree.name(main.first_child), "f");
  EXPECT_EQ(tree.node(main.first_child).inclusive, (Cost{30, 1, 10, 40}));
  EXPECT_EQ(tree.node(main.first_child + 1).inclusive, (Cost{-30, -1, 30, 30}));
}

TEST(Compare, TwoMomentsOfOneRecording) {
  Recording recording;
  recording.spend({"main", "f"}, 10);
  const Comparison::Side side = recording.side();
  EXPECT_EQ(text(Comparison(side, side)), "f 10 -> 10 same; ");
  EXPECT_EQ(text(Comparison({side.stacks, {}}, side)), "f 0 -> 10 new; ");
  EXPECT_EQ(text(Comparison(side, {side.stacks, {}})), "f 10 -> 0 gone; ");
  EXPECT_EQ(text(Comparison({side.stacks, {}}, {side.stacks, {}})), "");
}

TEST(Compare, KeepsAddressesOfTheSameBuildOnly) {
  Recording before, same, other("/opt/app/app", "def");
  before.spend_nameless({0x10, 0x20}, 1);
  before.spend_nameless({0x10, 0x30}, 2);
  same.spend_nameless({0x10, 0x20}, 1);
  same.spend_nameless({0x10, 0x30}, 5);
  other.spend_nameless({0x18, 0x28, 0x38}, 5);
  EXPECT_EQ(text(Comparison(before.side(), same.side())),
            "app+0x30 2 -> 5 grown; app+0x20 1 -> 1 same; ");
  const Comparison comparison(before.side(), other.side());
  EXPECT_EQ(text(comparison), "app (no symbols) 3 -> 5 grown; ");
  EXPECT_EQ(comparison.stacks()->expand(comparison.sites()[0].stack).size(), 1U);
}

TEST(Compare, TellsFunctionsOfDifferentModulesApart) {
  Recording before, after;
  before.spend({"f"}, 1);
  after.made().module("/opt/app/libplugin.so");
  after.spend({"f"}, 1);
  EXPECT_EQ(text(Comparison(before.side(), after.side())),
            "f 0 -> 1 new; f 1 -> 0 gone; ");
}

TEST(Compare, SeesTheAllocatorAndMissingStacks) {
  Recording before, after;
  before.spend({"f", {"operator new", "", 0, FrameClass::kAllocator}}, 1);
  after.spend({"f", {"malloc", "", 0, FrameClass::kAllocator}}, 2);
  const Comparison comparison(before.side(), after.side());
  EXPECT_EQ(text(comparison), "f 1 -> 2 grown; ");
  const std::vector<StackCost> lost{{{}, plain_cost(9, 1)}};
  EXPECT_EQ(text(Comparison({before.side().stacks, lost}, {after.side().stacks, lost})),
            "(no call stack) 9 -> 9 same; ");
}

TEST(Compare, ASiteNamesTheStackThatChangedMostOnEachSide) {
  Recording before, after;
  before.spend({"main", "steady", "f"}, 1'000);
  before.spend({"main", "grows", "f"}, 10);
  before.spend({"main", "goes", "f"}, 5);
  after.spend({"main", "comes", "f"}, 300);
  after.spend({"main", "grows", "f"}, 90);
  after.spend({"main", "steady", "f"}, 1'000);
  const Comparison comparison(before.side(), after.side());
  ASSERT_EQ(comparison.sites().size(), 1U);
  const ChangedSite& site = comparison.sites()[0];
  EXPECT_EQ(site.before_stack, before.made().stack({"main", "grows", "f"}));
  EXPECT_EQ(site.after_stack, after.made().stack({"main", "comes", "f"}));
}

TEST(Compare, ASideWithoutTheSiteNamesNoStack) {
  Recording before, after;
  before.spend({"main", "gone"}, 5);
  after.spend({"main", "fresh"}, 9);
  const Comparison comparison(before.side(), after.side());
  ASSERT_EQ(comparison.sites().size(), 2U);
  EXPECT_FALSE(comparison.sites()[0].before_stack);
  EXPECT_TRUE(comparison.sites()[0].after_stack);
  EXPECT_TRUE(comparison.sites()[1].before_stack);
  EXPECT_FALSE(comparison.sites()[1].after_stack);
}

TEST(Compare, CostsAreScaledAndRounded) {
  EXPECT_EQ(norm_factor(0, 5), 1);
  EXPECT_EQ(norm_factor(5, 0), 1);
  EXPECT_EQ(norm_factor(5, 10), 0.5);
  const auto scaled =
      scale_costs({{{1}, plain_cost(101, 3)}, {{2}, plain_cost(-8, 1)}}, 0.5);
  EXPECT_EQ(scaled[0].cost.value, 51);
  EXPECT_EQ(scaled[0].cost.count, 2);
  EXPECT_EQ(scaled[0].cost.weight, 51);
  EXPECT_EQ(scaled[1].cost.value, -4);
  const auto large = scale_costs({{{1}, plain_cost(INT64_MAX, 1)}}, 1e6);
  EXPECT_GT(large[0].cost.value, INT64_MAX / 2);
}

TEST(Compare, AProcessIsLikeTheOneOfTheSameProgramAndRank) {
  const auto process = [](std::uint32_t id, const std::string& executable) {
    ProcessSummary one;
    one.id = {id};
    one.executable = executable;
    return one;
  };
  const std::vector<ProcessSummary> first = {
      process(1, "/bin/sh"), process(2, "/old/app"), process(3, "/old/app")};
  const std::vector<ProcessSummary> second = {
      process(1, "/new/app"), process(4, "/bin/sh"), process(7, "/new/app")};
  EXPECT_EQ(matching_process(first, {1}, second), ProcessId{4});
  EXPECT_EQ(matching_process(first, {2}, second), ProcessId{1});
  EXPECT_EQ(matching_process(first, {3}, second), ProcessId{7});
  // There is no second one of it: the last.
  EXPECT_EQ(matching_process(second, {7}, std::span(first).first(2)), ProcessId{2});
  EXPECT_EQ(matching_process(first, {1}, std::span(second).first(1)), std::nullopt);
  EXPECT_EQ(matching_process(first, {9}, second), std::nullopt);
}

}  // namespace
}  // namespace memoir
