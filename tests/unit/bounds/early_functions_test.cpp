#include "bounds/early_functions.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace memoir {
namespace {

int sign(int number) { return number < 0 ? -1 : number > 0 ? 1 : 0; }

// Each does what libc's does, on strings of few different letters.
TEST(EarlyFunctions, DoWhatThoseOfLibcDo) {
  std::mt19937 random(1);
  const auto text = [&] {
    std::string made(random() % 20, ' ');
    for (char& letter : made) letter = static_cast<char>('a' + random() % 3);
    return made;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string a = text(), b = random() % 3 == 0 ? a : text();
    const std::size_t most = random() % 22;
    const int letter = random() % 8 == 0 ? 0 : static_cast<int>('a' + random() % 4);
    const std::size_t size = std::min(a.size(), b.size());
    ASSERT_EQ(early_strlen(a.c_str()), strlen(a.c_str()));
    ASSERT_EQ(sign(early_strcmp(a.c_str(), b.c_str())),
              sign(strcmp(a.c_str(), b.c_str())));
    ASSERT_EQ(sign(early_strncmp(a.c_str(), b.c_str(), most)),
              sign(strncmp(a.c_str(), b.c_str(), most)));
    ASSERT_EQ(sign(early_memcmp(a.data(), b.data(), size)),
              sign(memcmp(a.data(), b.data(), size)));
    ASSERT_EQ(early_memchr(a.data(), letter, a.size()),
              memchr(a.data(), letter, a.size()));
    ASSERT_EQ(early_strchr(a.c_str(), letter), strchr(a.c_str(), letter));
    ASSERT_EQ(early_strrchr(a.c_str(), letter), strrchr(a.c_str(), letter));
  }
}

TEST(EarlyFunctions, MoveWithinAString) {
  for (std::size_t from = 0; from < 10; ++from) {
    for (std::size_t to = 0; to < 10; ++to) {
      std::string mine = "0123456789abcdefghij";
      std::string libcs = mine;
      EXPECT_EQ(early_memmove(mine.data() + to, mine.data() + from, 10), &mine[to]);
      memmove(libcs.data() + to, libcs.data() + from, 10);
      ASSERT_EQ(mine, libcs) << from << " to " << to;
    }
  }
  char bytes[8] = {};
  EXPECT_EQ(early_memset(bytes + 2, 'x', 4), bytes + 2);
  EXPECT_EQ(std::string(bytes, 8), std::string("\0\0xxxx\0\0", 8));
}

}  // namespace
}  // namespace memoir
