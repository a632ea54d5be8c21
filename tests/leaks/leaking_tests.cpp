// Tests that free what they make, and such as do not. Line numbers matter.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "memoir/expect_no_leaks.h"

namespace {

[[gnu::noinline]] char* make_and_forget(std::size_t size) {
  return static_cast<char*>(std::malloc(size));  // line 17
}

TEST(Clean, FreesWhatItMakes) {
  const auto scope = memoir::expect_no_leaks();
  std::vector<std::string> words(100, std::string(100, 'x'));
  std::free(make_and_forget(10));
}

TEST(Clean, UsesStreamsAndThreads) {
  const auto scope = memoir::expect_no_leaks();
  std::printf("the first line makes a buffer\n");
  std::thread([] { std::free(make_and_forget(20)); }).join();
}

char* made_before = nullptr;

TEST(Clean, FreesWhatWasMadeBefore) {
  made_before = make_and_forget(30);
  const auto scope = memoir::expect_no_leaks();
  std::free(made_before);
}

TEST(Clean, IgnoresWhatIsNamed) {
  auto scope = memoir::expect_no_leaks();
  scope.ignore("make_and_forget");
  make_and_forget(40);
}

TEST(Leaking, Forgets) {
  const auto scope = memoir::expect_no_leaks();  // line 48
  for (int i = 0; i < 3; ++i) make_and_forget(1000);
  std::string freed(100, 'x');
}

TEST(Leaking, InAThread) {
  const auto scope = memoir::expect_no_leaks();
  std::thread([] { make_and_forget(2000); }).join();
}

// libc's own function allocates for its caller.
TEST(Leaking, ThroughLibc) {
  const auto scope = memoir::expect_no_leaks();
  char* volatile copy = strdup("forgotten");
  EXPECT_NE(copy, nullptr);
}

TEST(Failing, IsNotJudged) {
  const auto scope = memoir::expect_no_leaks();
  make_and_forget(50);
  EXPECT_EQ(1, 2);
}

}  // namespace
