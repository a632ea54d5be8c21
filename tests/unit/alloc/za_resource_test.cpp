#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "memoir/resource.h"

namespace memoir {
namespace {

// Remembers who asked last.
class noting_resource : public resource {
 public:
  records::source_place asked;
  records::source_place given_back;

 protected:
  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override {
    asked = where;
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void deallocate_at(void* memory, std::size_t bytes, std::size_t alignment,
                     site where) override {
    given_back = where;
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
};

// Hands on what it is asked.
class wrapping_resource : public resource {
 public:
  explicit wrapping_resource(std::pmr::memory_resource& inner) : inner_{&inner} {}

 protected:
  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override {
    return detail::allocate_from(*inner_, bytes, alignment, where);
  }
  void deallocate_at(void* memory, std::size_t bytes, std::size_t alignment,
                     site where) override {
    detail::deallocate_to(*inner_, memory, bytes, alignment, where);
  }

 private:
  std::pmr::memory_resource* inner_;
};

void expect_line(const records::source_place& place, unsigned line) {
  EXPECT_EQ(place.line, is_tracking ? line : 0u);
  EXPECT_STREQ(place.file, is_tracking ? __FILE__ : "");
}

TEST(ResourceTest, CallsTellTheirLine) {
  noting_resource memory;
  void* block = memory.allocate(24, 64);
  expect_line(memory.asked, __LINE__ - 1);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0u);
  memory.deallocate(block, 24, 64);
  expect_line(memory.given_back, __LINE__ - 1);
}

TEST(ResourceTest, ContainersTellWhatTheScopeSays) {
  noting_resource memory;
  std::pmr::vector<int> numbers{&memory};
  numbers.reserve(1);
  EXPECT_EQ(memory.asked.line, 0u);
  {
    MEMOIR_SITE_SCOPE();
    numbers.reserve(100);
    expect_line(memory.asked, __LINE__ - 2);
  }
}

TEST(ResourceTest, WrappersPassTheLineOn) {
  noting_resource memory;
  wrapping_resource inner{memory};
  wrapping_resource outer{inner};
  void* block = outer.allocate(24);
  expect_line(memory.asked, __LINE__ - 1);
  outer.deallocate(block, 24);
  expect_line(memory.given_back, __LINE__ - 1);
}

TEST(ResourceTest, IsEqualToItselfAlone) {
  noting_resource one;
  noting_resource other;
  EXPECT_TRUE(one.is_equal(one));
  EXPECT_FALSE(one.is_equal(other));
}

}  // namespace
}  // namespace memoir
