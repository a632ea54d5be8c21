#include "symbolize/stack_attribution.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace memoir {
namespace {

// Frames are named by their role, main outermost; the id of a frame is its place in the
// list, from 1. Returns the frame that the whole stack is attributed to.
std::uint32_t attribute(std::initializer_list<FrameRole> outermost_first) {
  StackAttribution attribution;
  std::uint32_t stack = 0, place = 0;
  for (const FrameRole role : outermost_first) {
    attribution.set_frame(stack + 1, role);
    place = attribution.add(stack + 1, stack, stack + 1);
    ++stack;
  }
  return place;
}

constexpr FrameRole kProgram = FrameRole::kProgram;
constexpr FrameRole kAllocator = FrameRole::kAllocator;
constexpr FrameRole kMemoir = FrameRole::kMemoir;
constexpr FrameRole kInternal = FrameRole::kLibcInternal;
constexpr FrameRole kGiver = FrameRole::kLibcGiver;

TEST(StackAttribution, TakesTheInnermostFrameOfTheProgram) {
  EXPECT_EQ(attribute({kProgram, kProgram}), 2U);
  EXPECT_EQ(attribute({kProgram, kProgram, kAllocator, kAllocator, kMemoir}), 2U);
  EXPECT_EQ(attribute({kProgram, kAllocator, kProgram, kAllocator}), 3U);
}

TEST(StackAttribution, PassesOverLibcOnlyWhereItGivesToItsCaller) {
  EXPECT_EQ(attribute({kProgram, kGiver}), 1U);
  EXPECT_EQ(attribute({kProgram, kGiver, kInternal, kInternal, kAllocator}), 1U);
  EXPECT_EQ(attribute({kProgram, kInternal}), 2U);
  EXPECT_EQ(attribute({kProgram, kProgram, kInternal, kInternal, kAllocator}), 4U);
}

TEST(StackAttribution, FallsBackToTheInnermostThatIsNotMemoir) {
  EXPECT_EQ(attribute({kAllocator, kAllocator, kMemoir}), 2U);
  EXPECT_EQ(attribute({kMemoir}), 0U);
}

TEST(StackAttribution, SurvivesParentsThatDoNotExist) {
  StackAttribution attribution;
  EXPECT_EQ(attribution.add(5, 7, 1), 1U);
  EXPECT_EQ(attribution.add(6, 6, 2), 2U);
  EXPECT_EQ(attribution.add(7, 100, 3), 3U);
}

}  // namespace
}  // namespace memoir
