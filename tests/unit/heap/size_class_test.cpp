#include "heap/size_class.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

TEST(SizeClassTest, EverySizeGetsTheSmallestClassThatHoldsIt) {
  for (std::size_t size = 0; size <= kMostSmall; ++size) {
    const std::size_t index = size_class_of(size);
    ASSERT_LT(index, kSizeClasses) << size;
    ASSERT_GE(size_class(index).room, size);
    if (index == 0) continue;
    ASSERT_LT(size_class(index - 1).room, size);
  }
}

TEST(SizeClassTest, SlotsAreAlignedAndEndWithARedzone) {
  for (std::size_t i = 0; i < kSizeClasses; ++i) {
    const SizeClass& c = size_class(i);
    EXPECT_EQ(c.stride() % kBlockAlignment, 0u);
    EXPECT_EQ(c.redzone % kBlockAlignment, 0u);
    EXPECT_GE(c.redzone, 16u);
    EXPECT_LE(std::size_t{c.slots} * c.stride() + c.redzone, c.slab_bytes);
    EXPECT_GE(c.slots, 3u);
  }
}

}  // namespace
}  // namespace memoir
