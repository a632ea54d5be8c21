// Slots in chunks, pages that are kept, and memory that frees itself.

#include <array>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "memoir/auto_free.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/large_block_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/slab_allocator.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class TiersTest : public ::testing::Test {
 protected:
  finding_log log_;
  system_allocator base_;
};

TEST_F(TiersTest, SlabsHoldManySlots) {
  slab_allocator slabs{base_};
  std::vector<buffer<char>> all;
  std::set<char*> places;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(slabs.allocate<char>(40));
    all.back().fill(static_cast<char>(i));
    places.insert(all.back().data());
  }
  EXPECT_EQ(places.size(), 1000u);
  EXPECT_EQ(all[999][39], static_cast<char>(999));
  EXPECT_LT(base_.cumulative_allocated_bytes(), 400'000u);
  all.clear();
  EXPECT_EQ(slabs.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

// Upstream left its slabs to a finalizer that it did not have.
TEST_F(TiersTest, ZA_bug_7_slabs_go_back) {
  {
    slab_allocator slabs{base_};
    std::vector<buffer<int>> all;
    for (int i = 1; i < 200; ++i) all.push_back(slabs.allocate<int>(i));
    EXPECT_GT(base_.total_allocated_bytes(), 0u);
    all.clear();
    slabs.clear();
    EXPECT_EQ(base_.total_allocated_bytes(), 0u);
    static_cast<void>(slabs.allocate<int>(10));
    EXPECT_GT(base_.total_allocated_bytes(), 0u);
  }
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TiersTest, SlotsOverrunIntoNeighboursIsFound) {
  slab_allocator slabs{base_};
  auto first = slabs.allocate<char>(64);
  auto second = slabs.allocate<char>(64);
  if constexpr (is_tracking) first.data()[64] = 'x';
  first.dispose();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

TEST_F(TiersTest, LargerThanASlotGoesBelow) {
  slab_allocator slabs{base_};
  auto large = slabs.allocate<char>(slab_allocator::kLargest + 1);
  EXPECT_EQ(slabs.total_allocated_bytes(), 0u);
  EXPECT_EQ(base_.total_allocated_bytes(), slab_allocator::kLargest + 1);
  void* raw = slabs.allocate(40'000);
  slabs.deallocate(raw, 40'000);
  EXPECT_NO_FINDING(log_);
}

// What a pool passes on goes back to where it was passed.
TEST_F(TiersTest, AllocatorsStandOnEachOther) {
  {
    slab_allocator below{base_};
    memory_pool pool{below};
    slab_allocator slabs{pool};
    hybrid_allocator hybrid{pool};
    auto small = slabs.allocate<char>(100);
    auto large = slabs.allocate<char>(100'000);
    struct alignas(128) wide {
      char bytes[128];
    };
    auto aligned = hybrid.allocate<wide>(3);
    small.fill(1);
    large.fill(2);
    aligned[2].bytes[127] = 3;
    void* raw = hybrid.allocate(5000, 256);
    hybrid.deallocate(raw, 5000, 256);
  }
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TiersTest, LargeBlocksAreKept) {
  large_block_allocator large;
  char* first = nullptr;
  {
    auto block = large.allocate<char>(3 << 20, zero::yes);
    first = block.data();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 4096, 0u);
    EXPECT_EQ(block[(3 << 20) - 1], 0);
    block.fill(1);
  }
  auto again = large.allocate<char>(3 << 20, zero::yes);
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(again[100], 0);
  EXPECT_EQ(large.stats().hits, 1u);
  again.dispose();
  EXPECT_GE(large.clear(), 3u << 20);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TiersTest, OnlySoManyLargeBlocksAreKept) {
  large_block_allocator large{{.max_idle = 2}};
  std::vector<buffer<char>> all;
  for (int i = 0; i < 5; ++i) all.push_back(large.allocate<char>(2 << 20));
  all.clear();
  EXPECT_EQ(large.stats().available_buffers, 2u);
}

TEST_F(TiersTest, AutoFreeOwnsWhatItFrees) {
  {
    auto_free work{base_, base_.allocate<int>(100).release()};
    work.span()[99] = 1;
    auto_free moved = std::move(work);
    EXPECT_EQ(moved.size(), 100u);
    EXPECT_EQ(base_.total_allocated_bytes(), 400u);
  }
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

// Upstream's freed what its buffer still owned.
TEST_F(TiersTest, ZA_bug_10_memory_that_its_buffer_still_owns) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  auto numbers = base_.allocate<int>(100);
  { auto_free both{base_, numbers.span()}; }
  EXPECT_NO_FINDING(log_);
  numbers.dispose();
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
}

}  // namespace
}  // namespace memoir
