#include "base/careful_read.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>
#include <cstring>

namespace memoir {
namespace {

// Two pages that can be read, and one behind them that is not mapped.
class CarefulReadTest : public testing::Test {
 protected:
  static constexpr std::size_t kPage = 4096;

  void SetUp() override {
    void* pages = mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(pages, MAP_FAILED);
    memset(pages, 7, 3 * kPage);
    begin_ = reinterpret_cast<std::uint64_t>(pages);
    end_ = begin_ + 2 * kPage;
    ASSERT_EQ(munmap(static_cast<char*>(pages) + 2 * kPage, kPage), 0);
  }
  void TearDown() override { munmap(reinterpret_cast<void*>(begin_), 2 * kPage); }

  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::array<unsigned char, 3 * kPage> copy_{};
};

TEST_F(CarefulReadTest, ReadsAllOrNothing) {
  EXPECT_EQ(read_carefully(end_ - 16, copy_.data(), 16), CarefulRead::kRead);
  EXPECT_EQ(copy_[15], 7);
  EXPECT_EQ(read_carefully(end_ - 16, copy_.data(), 17), CarefulRead::kNotMapped);
  EXPECT_EQ(read_carefully(8, copy_.data(), 8), CarefulRead::kNotMapped);
}

TEST_F(CarefulReadTest, ReadsUpToWhereNothingIsMapped) {
  EXPECT_EQ(read_what_is_mapped(begin_ + 100, copy_.data(), 50), 50u);
  EXPECT_EQ(copy_[49], 7);
  EXPECT_EQ(copy_[50], 0);
  EXPECT_EQ(read_what_is_mapped(begin_ + 100, copy_.data(), 3 * kPage), 2 * kPage - 100);
  EXPECT_EQ(copy_[2 * kPage - 101], 7);
  EXPECT_EQ(read_what_is_mapped(end_ - 1, copy_.data(), kPage), 1u);
  EXPECT_EQ(read_what_is_mapped(end_, copy_.data(), kPage), 0u);
  EXPECT_EQ(read_what_is_mapped(~std::uint64_t{0} - 4, copy_.data(), kPage), 0u);
}

}  // namespace
}  // namespace memoir
