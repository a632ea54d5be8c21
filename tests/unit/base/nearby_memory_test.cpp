#include "base/nearby_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "base/pages.h"

namespace memoir {
namespace {

// Three pages, of which those that are asked for can be read.
class NearbyMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    pages_ =
        static_cast<std::uint8_t*>(mmap(nullptr, 3 * kPageSize, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(pages_, MAP_FAILED);
    for (std::size_t i = 0; i < 3 * kPageSize; ++i) {
      pages_[i] = static_cast<std::uint8_t>(i % 251);
    }
  }
  void TearDown() override { munmap(pages_, 3 * kPageSize); }

  void close_page(int number) {
    ASSERT_EQ(0, mprotect(pages_ + number * kPageSize, kPageSize, PROT_NONE));
  }
  std::uint64_t at(std::uint64_t offset) const {
    return reinterpret_cast<std::uint64_t>(pages_) + offset;
  }
  void expect_copied(const NearbyMemory& memory, std::uint64_t begin,
                     std::uint32_t count) {
    ASSERT_EQ(begin, memory.begin - at(0));
    ASSERT_EQ(count, memory.count);
    EXPECT_EQ(0, std::memcmp(pages_ + begin, memory.bytes, count));
  }

  std::uint8_t* pages_ = nullptr;
};

TEST_F(NearbyMemoryTest, BeginsTwoLinesBefore) {
  NearbyMemory memory;
  copy_nearby_memory(at(100), memory);
  expect_copied(memory, 64, kMostNearbyBytes);
}

TEST_F(NearbyMemoryTest, StopsWherePagesCannotBeRead) {
  close_page(1);
  NearbyMemory memory;
  copy_nearby_memory(at(kPageSize - 16), memory);
  expect_copied(memory, kPageSize - 48, 48);
}

TEST_F(NearbyMemoryTest, BeginsWherePagesCanBeRead) {
  close_page(0);
  NearbyMemory memory;
  copy_nearby_memory(at(kPageSize + 1), memory);
  expect_copied(memory, kPageSize, kMostNearbyBytes - 32);
}

TEST_F(NearbyMemoryTest, IsNothingWhereNothingCanBeRead) {
  close_page(1);
  NearbyMemory memory;
  memory.count = 7;
  errno = EDOM;
  copy_nearby_memory(at(kPageSize + 200), memory);
  EXPECT_EQ(0U, memory.count);
  EXPECT_EQ(EDOM, errno);
}

TEST_F(NearbyMemoryTest, IsNothingAtTheEdgesOfAllAddresses) {
  NearbyMemory memory;
  copy_nearby_memory(0, memory);
  EXPECT_EQ(0U, memory.count);
  copy_nearby_memory(~std::uint64_t{0}, memory);
  EXPECT_EQ(0U, memory.count);
}

}  // namespace
}  // namespace memoir
