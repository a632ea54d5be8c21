// A test that leaks, and one that does not.
#include <gtest/gtest.h>
#include <memoir/expect_no_leaks.h>

TEST(Outside, Leaks) {
  const auto scope = memoir::expect_no_leaks();
  int* volatile lost = new int(7);
  EXPECT_EQ(7, *lost);
}

TEST(Outside, Frees) {
  const auto scope = memoir::expect_no_leaks();
  int* volatile made = new int(7);
  delete made;
}
