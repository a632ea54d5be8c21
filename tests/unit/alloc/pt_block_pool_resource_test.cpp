// A pool of blocks behind containers.

#include <list>
#include <map>

#include "memoir/block_pool_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class BlockPoolResourceTest : public ::testing::Test {
 protected:
  finding_log log_;
  block_pool_resource resource_{64, 100};
};

TEST_F(BlockPoolResourceTest, PT_18_nodes_of_containers_are_blocks) {
  {
    std::pmr::map<int, int> map{&resource_};
    for (int i = 0; i < 60; ++i) map[i * 7 % 60] = i;
    EXPECT_EQ(resource_.pool().in_use(), 60u);
    map.erase(30);
    EXPECT_EQ(resource_.pool().in_use(), 59u);
    std::pmr::list<long> list{{1, 2, 3}, &resource_};
    EXPECT_EQ(resource_.pool().in_use(), 62u);
  }
  EXPECT_EQ(resource_.pool().available(), 100u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolResourceTest, PT_U2_exhaustion_is_bad_alloc_here) {
  std::pmr::list<long> list{&resource_};
  for (int i = 0; i < 100; ++i) list.push_back(i);
  EXPECT_NO_FINDING(log_);
  {
    MEMOIR_SITE_SCOPE();
    EXPECT_THROW(list.push_back(1), std::bad_alloc);
  }
  EXPECT_ONE_FINDING(log_, finding::pool_exhausted, __LINE__ - 3);
  EXPECT_EQ(list.size(), 100u);
}

TEST_F(BlockPoolResourceTest, PT_20_what_is_larger_than_a_block_is_refused) {
  EXPECT_THROW(static_cast<void>(resource_.allocate(65)), std::bad_alloc);
  EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(resource_.allocate(8, 128)), std::bad_alloc);
  EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
  void* const block = resource_.allocate(64, 64);
  resource_.deallocate(block, 64, 64);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolResourceTest, PT_22_second_returns_and_strangers_are_told) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  void* const block = resource_.allocate(10);
  resource_.deallocate(block, 10);
  resource_.deallocate(block, 10);
  EXPECT_ONE_FINDING(log_, finding::double_return, __LINE__ - 1);
  int local = 0;
  resource_.deallocate(&local, sizeof local);
  EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
  EXPECT_EQ(resource_.pool().available(), 100u);
}

}  // namespace
}  // namespace memoir
