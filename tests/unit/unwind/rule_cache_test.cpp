#include "unwind/rule_cache.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "unwind/eh_frame.h"

namespace memoir {
namespace {

void expect_equal(const FrameRule& a, const FrameRule& b) {
  EXPECT_EQ(a.pc, b.pc);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.is_signal_frame, b.is_signal_frame);
  if (a.kind != RuleKind::kStep) return;
  EXPECT_EQ(a.cfa_base, b.cfa_base);
  EXPECT_EQ(a.cfa_offset, b.cfa_offset);
  EXPECT_EQ(a.bp_base, b.bp_base);
  EXPECT_EQ(a.ra_base, b.ra_base);
  EXPECT_EQ(a.ra_offset, b.ra_offset);
  if (a.bp_base == SlotBase::kSame) return;
  EXPECT_EQ(a.bp_offset, b.bp_offset);
}

// Around a function of libc, which has rules of many kinds, further than the cache holds.
TEST(RuleCache, SaysWhatTheFrameInformationSays) {
  const auto cache = std::make_unique<RuleCache>();
  const auto from = reinterpret_cast<std::uint64_t>(&std::qsort);
  int steps = 0;
  for (std::uint64_t pc = from; pc < from + 40'000; ++pc) {
    const FrameRule rule = find_frame_rule(pc);
    expect_equal(cache->find(pc), rule);  // looked up
    expect_equal(cache->find(pc), rule);  // remembered
    steps += rule.kind == RuleKind::kStep ? 1 : 0;
  }
  EXPECT_GT(steps, 10'000);
}

TEST(RuleCache, KnowsNothingOfAddressesThatAreNone) {
  const auto cache = std::make_unique<RuleCache>();
  for (const std::uint64_t pc :
       {std::uint64_t{0}, std::uint64_t{1} << 48, ~std::uint64_t{0}}) {
    for (int i = 0; i < 2; ++i) EXPECT_NE(cache->find(pc).kind, RuleKind::kStep) << pc;
  }
}

}  // namespace
}  // namespace memoir
