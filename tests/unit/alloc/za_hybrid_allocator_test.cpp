// Which tier a block lies in, and that it finds its way back.

#include <gmock/gmock.h>

#include <array>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "memoir/calibrate.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

struct small_struct {
  int a, b;
};
struct big_struct {
  std::array<char, 4096> bytes;
};

class HybridAllocatorTest : public ::testing::Test {
 protected:
  template <class T>
  hybrid_tier tier_of(std::size_t count) {
    return memory_.decide<T>(count).tier;
  }

  finding_log log_;
  system_allocator base_;
  hybrid_allocator memory_{base_};
};

TEST_F(HybridAllocatorTest, ZA_36_chooses_by_type_and_size_and_takes_back) {
  {
    auto few = memory_.allocate<int>(100);
    auto some = memory_.allocate<char>(200);
    EXPECT_EQ(memory_.total_allocated_bytes(), 600u);
    auto many = memory_.allocate<double>(1000);
    auto lots = memory_.allocate<double>(1'000'000);
    few.fill(1);
    many.fill(2);
    lots.fill(3);
    EXPECT_EQ(memory_.chosen(hybrid_tier::slab), 2u);
    EXPECT_EQ(memory_.chosen(hybrid_tier::system), 1u);
    EXPECT_EQ(memory_.chosen(hybrid_tier::large), 1u);
    EXPECT_EQ(memory_.total_allocated_bytes(), 600u + 8000u + 8'000'000u);
  }
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  memory_.clear();
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(HybridAllocatorTest, ZA_36_many_threads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 1; i < 400; ++i) {
        memory_.allocate<int>(i * 4).fill(i);
        memory_.allocate<char>(i).fill('x');
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(HybridAllocatorTest, ZA_37_bytes_up_to_1024_are_small) {
  EXPECT_EQ(tier_of<std::byte>(1024), hybrid_tier::slab);
  EXPECT_EQ(tier_of<std::byte>(1025), hybrid_tier::system);
  EXPECT_EQ(memory_.decide<char>(1025).threshold, 1024u);
}

TEST_F(HybridAllocatorTest, ZA_38_ints_up_to_512_are_small) {
  EXPECT_EQ(tier_of<int>(512), hybrid_tier::slab);
  EXPECT_EQ(tier_of<int>(513), hybrid_tier::system);
}

TEST_F(HybridAllocatorTest, ZA_39_doubles_up_to_128_are_small) {
  EXPECT_EQ(tier_of<double>(128), hybrid_tier::slab);
  EXPECT_EQ(tier_of<double>(129), hybrid_tier::system);
}

TEST_F(HybridAllocatorTest, ZA_40_structs_up_to_64_are_small) {
  EXPECT_EQ(tier_of<small_struct>(64), hybrid_tier::slab);
  EXPECT_EQ(tier_of<small_struct>(65), hybrid_tier::system);
  // Where the table has more than a slot holds.
  EXPECT_EQ(tier_of<big_struct>(8), hybrid_tier::slab);
  EXPECT_EQ(tier_of<big_struct>(9), hybrid_tier::system);
  EXPECT_STREQ(memory_.decide<big_struct>(9).rule, "bytes, above the largest slot");
}

TEST_F(HybridAllocatorTest, ZA_41_other_types_by_a_formula) {
  constexpr auto limits = hybrid_thresholds::seed_defaults();
  static_assert(limits.small_elements(element_kind::other, 1) == 1024);
  static_assert(limits.small_elements(element_kind::other, 2) == 512);
  static_assert(limits.small_elements(element_kind::other, 4) == 256);
  static_assert(limits.small_elements(element_kind::other, 8) == 128);
  static_assert(limits.small_elements(element_kind::other, 16) == 64);
  static_assert(limits.small_elements(element_kind::other, 64) == 32);
  EXPECT_EQ(tier_of<float>(256), hybrid_tier::slab);
  EXPECT_EQ(tier_of<float>(257), hybrid_tier::system);
  EXPECT_EQ(tier_of<short>(512), hybrid_tier::slab);
  EXPECT_EQ(tier_of<short>(513), hybrid_tier::system);
  EXPECT_EQ(tier_of<long double>(64), hybrid_tier::slab);
  EXPECT_EQ(tier_of<long double>(65), hybrid_tier::system);
}

TEST_F(HybridAllocatorTest, LargeBlocksFromTheThresholdOn) {
  constexpr std::size_t kLarge = hybrid_thresholds::seed_defaults().large_bytes;
  EXPECT_EQ(tier_of<char>(kLarge - 1), hybrid_tier::system);
  EXPECT_EQ(tier_of<char>(kLarge), hybrid_tier::large);
  EXPECT_EQ(memory_.decide<char>(kLarge).threshold, kLarge);
}

TEST_F(HybridAllocatorTest, EachDecisionIsTold) {
  std::vector<hybrid_decision> told;
  memory_.observe(
      [](const hybrid_decision& made, void* context) {
        static_cast<std::vector<hybrid_decision>*>(context)->push_back(made);
      },
      &told);
  auto numbers = memory_.allocate<double>(200);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, element_kind::doubles);
  EXPECT_EQ(told[0].count, 200u);
  EXPECT_EQ(told[0].bytes, 1600u);
  EXPECT_EQ(told[0].tier, hybrid_tier::system);
  EXPECT_STREQ(told[0].rule, "elements, above the table");
  EXPECT_EQ(told[0].threshold, 128u);
}

TEST_F(HybridAllocatorTest, ZA_42_calibration_measures_and_its_result_can_be_kept) {
  const calibration measured = calibrate(base_, {.rounds = 3, .repetitions = 1});
  EXPECT_GT(measured.rows.size(), 10u);
  EXPECT_GE(measured.limits.large_bytes, 64u << 10);
  EXPECT_LE(measured.limits.small_bytes, hybrid_thresholds::kLargestSlot);
  std::stringstream file;
  file << measured.limits;
  const auto read = read_thresholds(file);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, measured.limits);
  std::ostringstream table;
  table << measured;
  EXPECT_THAT(table.str(), ::testing::HasSubstr("large from"));
  hybrid_allocator tuned{base_, measured.limits};
  tuned.allocate<int>(10).fill(1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(HybridAllocatorTest, ZA_42_damaged_limits_are_refused) {
  std::istringstream words{"byte_elements many"};
  EXPECT_EQ(read_thresholds(words).error(), errc::config);
  std::istringstream unknown{"bit_elements 3"};
  EXPECT_EQ(read_thresholds(unknown).error(), errc::config);
  std::istringstream crossed{"other_least 5 other_most 4"};
  EXPECT_EQ(read_thresholds(crossed).error(), errc::config);
}

TEST_F(HybridAllocatorTest, ZA_43_blocks_of_every_tier_are_freed_by_address) {
  for (const std::size_t bytes : {100, 5000, 2 << 20}) {
    char* block = memory_.allocate<char>(bytes).release().data();
    EXPECT_EQ(memory_.total_allocated_bytes(), bytes);
    memory_.free(block);
    EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
    void* raw = memory_.allocate(bytes);
    memory_.deallocate(raw, bytes);
    EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  }
  EXPECT_NO_FINDING(log_);
}

// What stands in front of an address says nothing about it: upstream took a word there
// for the address to free.
TEST_F(HybridAllocatorTest, ZA_43_bug_1_nothing_is_read_in_front_of_foreign_memory) {
  auto* own = static_cast<char*>(std::malloc(4000));
  EXPECT_THROW(memory_.free(own), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::invalid_free, __LINE__ - 1);
  std::free(own);
  auto below = base_.allocate<char>(100);
  EXPECT_THROW(memory_.free(below.data()), std::invalid_argument);
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::foreign_return);
    EXPECT_EQ(found[0].pool_kind, "hybrid_allocator");
    EXPECT_EQ(found[0].allocated.line, static_cast<unsigned>(__LINE__ - 7));
  }
}

TEST_F(HybridAllocatorTest, FewElementsLieWithinTheHandle) {
  auto few = memory_.allocate_small<int>(16);
  EXPECT_TRUE(few.is_inline());
  few.fill(7);
  auto moved = std::move(few);
  EXPECT_EQ(moved[15], 7);
  EXPECT_THROW(moved[16] = 1, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(few[0] = 1, std::logic_error);  // NOLINT: what was moved from
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  auto more = memory_.allocate_small<int>(17, zero::yes);
  EXPECT_FALSE(more.is_inline());
  EXPECT_EQ(more[16], 0);
  EXPECT_EQ(memory_.chosen(hybrid_tier::inlined), 1u);
  EXPECT_EQ(memory_.total_allocated_bytes(), 68u);
}

TEST_F(HybridAllocatorTest, BuffersOutliveIt) {
  std::optional<hybrid_allocator> memory{std::in_place, base_};
  auto small = memory->allocate<int>(10);
  auto medium = memory->allocate<int>(1000);
  auto large = memory->allocate<int>(1'000'000);
  memory.reset();
  const auto found = log_.take();
  EXPECT_EQ(found.size(), is_tracking ? 3u : 0u);  // one of each tier
  small.fill(1);
  medium.fill(2);
  large.fill(3);
  small.dispose();
  medium.dispose();
  large.dispose();
  EXPECT_EQ(base_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(HybridAllocatorTest, StandsBehindAPoolAndContainers) {
  memory_pool pool{memory_};
  {
    std::pmr::vector<int> numbers{&pool};
    for (int i = 0; i < 3000; ++i) numbers.push_back(i);
    EXPECT_EQ(numbers[2999], 2999);
  }
  pool.clear();
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
