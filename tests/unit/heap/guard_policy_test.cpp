#include "heap/guard_policy.h"

#include <gtest/gtest.h>

#include <vector>

namespace memoir {
namespace {

constexpr StackNodeId kSite = 77;

std::vector<GuardSide> choices(GuardPolicy& policy, StackNodeId stack, int count,
                               std::uint32_t random = 0) {
  std::vector<GuardSide> list;
  GuardDraws draws{random, 0};
  for (int i = 0; i < count; ++i) list.push_back(policy.choose(stack, draws));
  return list;
}

std::size_t guarded(const std::vector<GuardSide>& list, std::size_t begin,
                    std::size_t end) {
  std::size_t n = 0;
  for (std::size_t i = begin; i < end; ++i) n += list[i] != GuardSide::kNone;
  return n;
}

TEST(GuardPolicyTest, GuardsNothingBeforeItStarted) {
  GuardPolicy policy;
  EXPECT_EQ(0u, guarded(choices(policy, kSite, 100), 0, 100));
}

TEST(GuardPolicyTest, GuardsTheFirstBlocksOfEverySite) {
  GuardPolicy policy;
  ASSERT_TRUE(policy.start({}));
  for (StackNodeId site = 2; site < 100; ++site) {
    const auto list = choices(policy, site, 32);
    EXPECT_EQ(32u, guarded(list, 0, 32));
    EXPECT_EQ(GuardSide::kRight, list[0]);
    EXPECT_EQ(GuardSide::kLeft, list[1]);
    EXPECT_EQ(GuardSide::kRight, list[2]);
  }
}

TEST(GuardPolicyTest, GuardsFewerAndFewerOfASiteThatGoesOn) {
  GuardPolicy policy;
  GuardSettings settings;
  settings.share = 1000000;  // as much as it likes
  ASSERT_TRUE(policy.start(settings));
  const auto list = choices(policy, kSite, 1 << 20);
  EXPECT_EQ(32u, guarded(list, 0, 32));
  const std::size_t early = guarded(list, 32, 4096);
  const std::size_t late = guarded(list, 4096, list.size());
  EXPECT_GT(early, 20u);
  EXPECT_LT(early, 150u);
  EXPECT_GT(late, 20u);
  EXPECT_LT(late, 200u);
}

TEST(GuardPolicyTest, ASeedMakesItRepeatable) {
  GuardSettings settings;
  settings.seed = 5;
  GuardPolicy one, same, other;
  ASSERT_TRUE(one.start(settings) && same.start(settings));
  settings.seed = 6;
  ASSERT_TRUE(other.start(settings));
  const auto list = choices(one, kSite, 5000);
  EXPECT_EQ(list, choices(same, kSite, 5000));
  EXPECT_NE(list, choices(other, kSite, 5000));
}

TEST(GuardPolicyTest, StopsWhenItTakesTooMuchTime) {
  GuardPolicy policy;
  GuardSettings settings;
  settings.free_guards = 10;
  ASSERT_TRUE(policy.start(settings));
  policy.add_cost(std::uint64_t{1} << 50);
  EXPECT_EQ(10u, guarded(choices(policy, kSite, 100), 0, 100));
}

TEST(GuardPolicyTest, WhoHasLostADrawStillGuardsASiteToBlame) {
  GuardPolicy policy;
  GuardSettings settings;
  settings.free_guards = 0;
  ASSERT_TRUE(policy.start(settings));
  GuardDraws draws;
  policy.add_cost(std::uint64_t{1} << 50);
  EXPECT_EQ(GuardSide::kNone, policy.choose(kSite + 1, draws));
  policy.add_cost(std::uint64_t{0} - (std::uint64_t{1} << 50));
  policy.blame(kSite, FaultKind::kHeapBufferOverflow);
  EXPECT_EQ(GuardSide::kNone, policy.choose(kSite + 1, draws));
  EXPECT_EQ(GuardSide::kRight, policy.choose(kSite, draws));
}

TEST(GuardPolicyTest, ASiteToBlameIsGuardedFromThenOn) {
  GuardPolicy policy;
  GuardSettings settings;
  settings.share = 1000000;
  ASSERT_TRUE(policy.start(settings));
  choices(policy, kSite, 10000);
  policy.blame(kSite, FaultKind::kHeapBufferOverflow);
  const auto list = choices(policy, kSite, 500);
  EXPECT_EQ(500u, guarded(list, 0, 500));
  EXPECT_EQ(GuardSide::kRight, list[0]);
  policy.blame(kSite, FaultKind::kHeapBufferUnderflow);
  EXPECT_EQ(GuardSide::kLeft, choices(policy, kSite, 1)[0]);
  policy.blame(kNoStack, FaultKind::kHeapBufferOverflow);
  EXPECT_EQ(0u, guarded(choices(policy, kNoStack, 10), 0, 10));
}

TEST(GuardPolicyTest, GuardsAllWhereThatIsWanted) {
  GuardPolicy policy;
  GuardSettings settings;
  settings.all = true;
  settings.free_guards = 0;
  ASSERT_TRUE(policy.start(settings));
  policy.add_cost(std::uint64_t{1} << 50);
  GuardDraws draws;
  // Many more sites than there is room for.
  for (StackNodeId site = 2; site < 300000; ++site) {
    ASSERT_NE(GuardSide::kNone, policy.choose(site, draws));
  }
}

TEST(GuardPolicyTest, PinnedSitesAreGuardedOnTheirSideWhateverItCosts) {
  GuardPolicy policy;
  const Pin pins[] = {{1077, GuardSide::kExactRight}, {1078, GuardSide::kLeft}};
  policy.set_pins(pins, 2, [](StackNodeId stack) { return std::uint64_t{1000} + stack; });
  GuardSettings settings;
  settings.free_guards = 0;
  ASSERT_TRUE(policy.start(settings));
  policy.add_cost(std::uint64_t{1} << 50);
  GuardDraws draws;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(GuardSide::kExactRight, policy.choose(77, draws));
    ASSERT_EQ(GuardSide::kLeft, policy.choose(78, draws));
    ASSERT_EQ(GuardSide::kNone, policy.choose(79, draws));
    policy.blame(77, FaultKind::kHeapBufferUnderflow);
  }
  EXPECT_TRUE(policy.is_pinned(77));
  EXPECT_FALSE(policy.is_pinned(79));
}

TEST(GuardPolicyTest, NoneWhereNoneAreWanted) {
  GuardPolicy policy;
  GuardSettings settings;
  settings.first = 0;
  ASSERT_TRUE(policy.start(settings));
  EXPECT_EQ(0u, guarded(choices(policy, kSite, 100), 0, 100));
}

}  // namespace
}  // namespace memoir
