#include "alloc/redzones.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace memoir {
namespace {

// A write of what programs write most must not look like what stood there before.
TEST(RedzonesTest, CanariesAreNoTextNoSmallNumberAndNot255) {
  std::set<int> seen;
  for (std::uintptr_t address = 0x7f12'3456'0000; seen.size() < 127; ++address) {
    const int canary =
        records::canary_of(reinterpret_cast<const std::byte*>(address));  // NOLINT
    ASSERT_GE(canary, 0x80);
    ASSERT_NE(canary, 0xff);
    seen.insert(canary);
    ASSERT_LT(address, 0x7f12'3466'0000u) << "too few different ones: " << seen.size();
  }
}

TEST(RedzonesTest, NeighboursDiffer) {
  std::array<std::byte, 4096> bytes;
  int equal = 0;
  for (std::size_t i = 1; i < bytes.size(); ++i)
    equal += records::canary_of(&bytes[i]) == records::canary_of(&bytes[i - 1]);
  EXPECT_LT(equal, 64);
}

TEST(RedzonesTest, DamageIsFirstAndLastByteThatChanged) {
  std::array<std::byte, 64> bytes;
  records::write_canaries(bytes.begin(), bytes.end());
  EXPECT_EQ(records::find_damage(bytes.begin(), bytes.end(), records::canary_of).first,
            nullptr);
  bytes[7] = bytes[9] = std::byte{1};
  const auto damage =
      records::find_damage(bytes.begin(), bytes.end(), records::canary_of);
  EXPECT_EQ(damage.first, &bytes[7]);
  EXPECT_EQ(damage.size, 3u);
}

}  // namespace
}  // namespace memoir
