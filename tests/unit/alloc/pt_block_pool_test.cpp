// block_pool: what it promises to those who use it well.

#include <gmock/gmock.h>

#include <chrono>
#include <cstring>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "memoir/block_pool.h"
#include "memoir/buffer/shared_buffer.h"
#include "unit/alloc/counted_object.h"
#include "unit/alloc/device_resource.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

using namespace std::chrono_literals;

class BlockPoolTest : public ::testing::Test {
 protected:
  finding_log log_;
};

static_assert(!std::is_copy_constructible_v<block_pool<int>>);
static_assert(!std::is_move_constructible_v<block_pool<int>>);

TEST_F(BlockPoolTest, PT_18_blocks_are_cut_from_one_piece_of_memory) {
  failing_resource upstream;
  {
    block_pool<int> pool(100, 32, {.upstream = &upstream});
    EXPECT_EQ(upstream.allocations(), 1u);
    std::vector<unique_buffer<int>> all;
    std::set<int*> addresses;
    for (int i = 0; i < 32; ++i) {
      all.push_back(pool.acquire());
      addresses.insert(all.back().data());
      std::memset(all.back().data(), i, all.back().size_bytes());
    }
    EXPECT_EQ(addresses.size(), 32u);
    const auto span = static_cast<std::size_t>(*addresses.rbegin() - *addresses.begin());
    EXPECT_EQ(span * sizeof(int), 31 * pool.stride());
    EXPECT_EQ(upstream.allocations(), 1u);
  }
  EXPECT_EQ(upstream.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_18_no_memory_no_pool) {
  failing_resource upstream;
  upstream.fail_after(0);
  EXPECT_THROW(block_pool<int>(100, 32, {.upstream = &upstream}), std::bad_alloc);
  EXPECT_EQ(upstream.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_20_buffers_have_the_size_of_a_block) {
  block_pool<short> pool(48, 2);
  unique_buffer<short> buffer = pool.acquire();
  EXPECT_EQ(buffer.size(), pool.block_size());
  EXPECT_EQ(buffer.size(), 48u);
  EXPECT_EQ(buffer.size_bytes(), pool.block_bytes());
  EXPECT_EQ(buffer.location(), memory_location::host);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_21_buffers_become_shared) {
  block_pool<int> pool(8, 2);
  shared_buffer<int> first = pool.acquire();
  {
    shared_buffer<int> second = first;
    EXPECT_EQ(second.use_count(), 2u);
  }
  EXPECT_EQ(pool.in_use(), 1u);
  first.reset();
  EXPECT_EQ(pool.in_use(), 0u);
  first = pool.acquire().to_shared();
  auto released = first.release();
  EXPECT_EQ(pool.in_use(), 1u);
  released->free();
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_22_the_end_of_a_buffer_brings_the_block_back) {
  block_pool<int> pool(8, 1);
  for (int i = 0; i < 10; ++i) {
    unique_buffer<int> buffer = pool.acquire();
    EXPECT_EQ(pool.available(), 0u);
    buffer[7] = i;
  }
  EXPECT_EQ(pool.available(), 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_P1_a_warm_pool_asks_the_heap_for_nothing) {
  block_pool<int> pool(16, 256);
  std::vector<unique_buffer<int>> all(256);
  for (auto& one : all) one = pool.acquire();
  for (auto& one : all) one.reset();
  const std::size_t before = heap_allocations();
  for (int round = 0; round < 3; ++round) {
    for (auto& one : all) one = pool.acquire();
    EXPECT_FALSE(pool.try_acquire().has_value());
    for (auto& one : all) one = nullptr;
    auto released = pool.acquire().release();
    released.free();
  }
  EXPECT_EQ(heap_allocations(), before);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_P1_the_lock_is_taken_for_many_blocks_at_once) {
  block_pool<int> pool(16, 1024);
  for (int round = 0; round < 1000; ++round) {
    std::vector<unique_buffer<int>> some;
    for (int i = 0; i < 30; ++i) some.push_back(pool.acquire());
  }
  const block_pool_counters counters = pool.counters();
  EXPECT_LE(counters.refills + counters.flushes, 2u);
  EXPECT_EQ(counters.recalls, 0u);
  EXPECT_EQ(counters.contentions, 0u);
}

TEST_F(BlockPoolTest, PT_U1_a_pool_of_nothing) {
  EXPECT_THROW(block_pool<int>(0, 1), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
  EXPECT_THROW(block_pool<int>(1, 0), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(BlockPoolTest, PT_U2_says_who_has_the_blocks) {
  block_pool<int> pool(8, 3);
  const unsigned line = __LINE__ + 1;
  unique_buffer<int> a = pool.acquire(), b = pool.acquire();
  unique_buffer<int> c = pool.acquire();
  std::string text;
  try {
    unique_buffer<int> none = pool.acquire();
    ADD_FAILURE() << "there are no more";
  } catch (const pool_exhausted& thrown) {
    text = thrown.what();
  }
  static_assert(std::is_base_of_v<std::runtime_error, pool_exhausted>);
  EXPECT_THAT(text, ::testing::StartsWith("block_pool: all 3 blocks are in use"));
  const auto found = log_.take();
  if constexpr (is_tracking) {
    const std::string file = __FILE__;
    EXPECT_THAT(text,
                ::testing::EndsWith(": 2 at " + file + ":" + std::to_string(line) +
                                    ", 1 at " + file + ":" + std::to_string(line + 1)));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::pool_exhausted);
    EXPECT_EQ(found[0].text, text);
    EXPECT_EQ(found[0].where.line, line + 4);
    EXPECT_EQ(text.substr(text.find(": 2 at") + 2), pool.holders());
  }
  a.reset();
  EXPECT_EQ(pool.acquire().size(), 8u);
}

TEST_F(BlockPoolTest, PT_U2_exhaustion_may_be_expected) {
  block_pool<int> pool(8, 1);
  auto first = pool.try_acquire();
  ASSERT_TRUE(first.has_value());
  auto second = pool.try_acquire();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error(), errc::pool_exhausted);
  auto third = pool.acquire_for(1ms);
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error(), errc::timeout);
  EXPECT_EQ(pool.counters().waits, 1u);
  first->reset();
  EXPECT_TRUE(pool.acquire_for(0ms).has_value());
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_U3_counts) {
  block_pool<int> pool(8, 64);
  EXPECT_EQ(pool.capacity(), 64u);
  EXPECT_EQ(pool.available(), 64u);
  EXPECT_EQ(pool.peak_in_use(), 0u);
  {
    unique_buffer<int> a = pool.acquire(), b = pool.acquire();
    EXPECT_EQ(pool.available(), 62u);
    EXPECT_EQ(pool.in_use(), 2u);
    EXPECT_EQ(pool.peak_in_use(), 2u);
  }
  EXPECT_EQ(pool.available(), 64u);
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_EQ(pool.peak_in_use(), 2u);
  {
    std::vector<unique_buffer<int>> many;
    for (int i = 0; i < 33; ++i) many.push_back(pool.acquire());
    EXPECT_EQ(pool.peak_in_use(), 33u);
  }
  unique_buffer<int> last = pool.acquire();
  EXPECT_EQ(pool.peak_in_use(), 33u);
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_NO_FINDING(log_);
}

// With and without blocks at hand.
class BlockPoolOrderTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(BlockPoolOrderTest, PT_U10_last_in_first_out) {
  finding_log log;
  block_pool<int> pool(8, 128, {.thread_blocks = GetParam()});
  unique_buffer<int> a = pool.acquire(), b = pool.acquire(), c = pool.acquire();
  int* const first = a.data();
  int* const second = b.data();
  EXPECT_LT(first, second);
  a.reset();
  b.reset();
  unique_buffer<int> d = pool.acquire(), e = pool.acquire();
  EXPECT_EQ(d.data(), second);
  EXPECT_EQ(e.data(), first);
  EXPECT_NO_FINDING(log);
}

TEST_P(BlockPoolOrderTest, PT_U10_every_block_can_be_had) {
  finding_log log;
  block_pool<int> pool(8, 128, {.thread_blocks = GetParam()});
  for (int round = 0; round < 3; ++round) {
    std::set<int*> addresses;
    std::vector<unique_buffer<int>> all;
    for (int i = 0; i < 128; ++i) {
      all.push_back(pool.acquire());
      addresses.insert(all.back().data());
    }
    EXPECT_EQ(addresses.size(), 128u);
    EXPECT_FALSE(pool.try_acquire().has_value());
    EXPECT_EQ(pool.available(), 0u);
    EXPECT_EQ(pool.peak_in_use(), 128u);
    all.clear();
    EXPECT_EQ(pool.available(), 128u);
  }
  EXPECT_NO_FINDING(log);
}

INSTANTIATE_TEST_SUITE_P(Threads, BlockPoolOrderTest, ::testing::Values(0, 2, 64));

template <std::size_t Align>
void expect_aligned() {
  block_pool<char, Align> pool(3, 4);
  EXPECT_EQ(pool.stride() % Align, 0u);
  EXPECT_GE(pool.stride(), 3u);
  if constexpr (!is_tracking) {
    EXPECT_EQ(pool.stride(), Align < 3 ? 3 : Align);
  }
  std::vector<unique_buffer<char>> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(pool.acquire());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all.back().data()) % Align, 0u);
  }
}

TEST_F(BlockPoolTest, PT_U10_alignment_and_stride) {
  static_assert(block_pool<char>::alignment == 64);
  struct alignas(256) wide {
    char bytes[256];
  };
  static_assert(block_pool<wide>::alignment == 256);
  expect_aligned<1>();
  expect_aligned<8>();
  expect_aligned<64>();
  expect_aligned<4096>();
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_U10_elements_are_constructed_and_destroyed) {
  block_pool<counted_object> pool(5, 2);
  EXPECT_EQ(counted_object::live, 0);
  {
    auto a = pool.acquire();
    auto b = pool.acquire();
    EXPECT_EQ(counted_object::live, 10);
    EXPECT_EQ(a[4].value, 7);
    a[4].value = 8;
    a.reset();
    EXPECT_EQ(counted_object::live, 5);
    EXPECT_EQ(pool.acquire()[4].value, 7);
  }
  EXPECT_EQ(counted_object::live, 0);
  counted_object::until_throw = 3;
  EXPECT_THROW(static_cast<void>(pool.acquire()), std::runtime_error);
  counted_object::until_throw = -1;
  EXPECT_EQ(counted_object::live, 0);
  EXPECT_EQ(pool.available(), 2u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_W7_pools_of_bool) {
  block_pool<bool> pool(9, 2);
  unique_buffer<bool> flags = pool.acquire();
  flags[8] = true;
  EXPECT_TRUE(flags[8]);
  EXPECT_NO_FINDING(log_);
}

TEST_F(BlockPoolTest, PT_W7_sizes_do_not_wrap) {
  constexpr std::size_t kHuge = static_cast<std::size_t>(-1) / 2;
  EXPECT_THROW(block_pool<int>(kHuge, 1), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
  EXPECT_THROW(block_pool<int>(1, kHuge), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
  EXPECT_THROW(block_pool<int>(kHuge / 64, 65), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
}

TEST_F(BlockPoolTest, PT_W6_blocks_of_a_device) {
  device_resource device;
  {
    block_pool<int> pool(16, 2,
                         {.upstream = &device, .location = memory_location::device});
    unique_buffer<int> buffer = pool.acquire();
    EXPECT_EQ(buffer.location(), memory_location::device);
    const int value = 5;
    device_resource::copy_to_device(buffer.data(), &value, sizeof value);
    EXPECT_NO_FINDING(log_);
    static_cast<void>(buffer.span());
    EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 1);
    EXPECT_DEATH(buffer.data()[0] = 1, "");
  }
  EXPECT_EQ(device.live(), 0u);
  EXPECT_THROW(block_pool<counted_object>(1, 1, {.location = memory_location::device}),
               std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::wrong_location, __LINE__ - 2);
}

}  // namespace
}  // namespace memoir
