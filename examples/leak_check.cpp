// A test of GoogleTest that fails for what it leaks, and one that passes.
//   build/dev/examples/leak_check
// It is linked with memoir::runtime; without it, memoir run -- leak_check does the same.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "memoir/expect_no_leaks.h"

namespace {

struct Node {
  std::string name;
  std::shared_ptr<Node> next = nullptr;
};

TEST(Ring, IsFreedWhenItIsOpened) {
  const auto scope = memoir::expect_no_leaks();
  auto first = std::make_shared<Node>(Node{"first"});
  first->next = std::make_shared<Node>(Node{"second", first});
  first->next->next = nullptr;
}

// Each keeps the other alive.
TEST(Ring, LeaksWhenItIsNot) {
  const auto scope = memoir::expect_no_leaks();
  auto first = std::make_shared<Node>(Node{"first"});
  first->next = std::make_shared<Node>(Node{"second", first});
}

}  // namespace
