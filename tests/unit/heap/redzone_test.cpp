#include "heap/redzone.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

namespace memoir {
namespace {

constexpr std::uint64_t kPattern = 0x8877665544332211;

TEST(RedzoneTest, FindsTheFirstAndLastDamagedByteWhereverTheyAre) {
  alignas(8) unsigned char memory[200];
  for (std::size_t from = 0; from < 20; ++from) {
    for (std::size_t to = from; to < 120; to += 7) {
      const auto begin = reinterpret_cast<std::uintptr_t>(memory) + from;
      const auto end = reinterpret_cast<std::uintptr_t>(memory) + to;
      fill_pattern(kPattern, begin, end);
      EXPECT_FALSE(find_damage(kPattern, begin, end));
      if (to - from < 3) continue;
      memory[from + 1] ^= 1;
      memory[to - 1] ^= 0x80;
      const DamagedBytes damage = find_damage(kPattern, begin, end);
      EXPECT_EQ(damage.first, begin + 1);
      EXPECT_EQ(damage.last, end);
    }
  }
}

TEST(RedzoneTest, FillsNothingButWhatItIsTold) {
  for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 511u, 512u, 513u, 5000u}) {
    for (std::size_t from = 8; from < 16; ++from) {
      std::vector<unsigned char> memory(size + 32, 0xaa);
      auto at = reinterpret_cast<std::uintptr_t>(memory.data());
      fill_pattern(kFreedPattern, at + from, at + from + size);
      for (std::size_t i = 0; i < memory.size(); ++i) {
        const bool filled = i >= from && i < from + size;
        ASSERT_EQ(memory[i], filled ? 0xe5 : 0xaa) << size << " " << i;
      }
    }
  }
}

TEST(RedzoneTest, MendsNothingButWhatItIsTold) {
  alignas(8) std::uint8_t memory[64];
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  for (std::uintptr_t from = 0; from < 40; ++from) {
    for (std::uintptr_t to = from; to < 40; ++to) {
      std::memset(memory, 1, sizeof memory);
      mend_pattern(kPattern, begin + from, begin + to);
      for (std::uintptr_t i = 0; i < sizeof memory; ++i) {
        const bool mended = i >= from && i < to;
        ASSERT_EQ(mended ? pattern_byte(kPattern, begin + i) : 1, memory[i]);
      }
    }
  }
}

TEST(RedzoneTest, ACanaryHasNoByteThatProgramsLikeToWrite) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::uint64_t canary = make_canary(seed);
    std::set<unsigned> bytes;
    for (unsigned i = 0; i < 8; ++i) bytes.insert(canary >> (8 * i) & 0xff);
    EXPECT_EQ(bytes.size(), 8u);
    EXPECT_GE(*bytes.begin(), 0x80U);
    EXPECT_FALSE(bytes.contains(0xff));
  }
  EXPECT_NE(make_canary(1), make_canary(2));
}

}  // namespace
}  // namespace memoir
