// Beside AddressSanitizer: what nobody may touch of a pool's memory is forbidden to the
// program, so that the sanitizer stops at the access itself.

#include "alloc/annotations.h"

#include <gtest/gtest.h>

#include <cstring>

#include "memoir/block_pool.h"
#include "memoir/config.h"

#if defined(__SANITIZE_ADDRESS__)
#define MEMOIR_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMOIR_UNDER_ASAN 1
#endif
#endif

namespace memoir {
namespace {

class AnnotationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
#ifndef MEMOIR_UNDER_ASAN
    GTEST_SKIP() << "AddressSanitizer is not there";
#endif
    if constexpr (!is_tracking) GTEST_SKIP() << "nothing is known of the pools";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
};

TEST_F(AnnotationsTest, OverflowsStopAtTheAccess) {
  block_pool<char> pool(24, 4);
  auto block = pool.acquire();
  volatile char* bytes = block.data();
  bytes[23] = 1;
  EXPECT_DEATH(bytes[24] = 1, "use-after-poison");
  EXPECT_DEATH(bytes[-1] = 1, "use-after-poison");
}

TEST_F(AnnotationsTest, UsesAfterReturnStopAtTheAccess) {
  block_pool<char> pool(24, 4);
  auto block = pool.acquire();
  volatile char* bytes = block.data();
  block.reset();
  EXPECT_DEATH(bytes[10] = 1, "use-after-poison");
}

TEST_F(AnnotationsTest, CleanUseGoesOn) {
  for (int i = 0; i < 100; ++i) {
    block_pool<char> pool(24, 4);
    auto one = pool.acquire();
    auto two = pool.acquire();
    std::memset(one.data(), 1, 24);
    std::memset(two.data(), 1, 24);
  }
}

}  // namespace
}  // namespace memoir
