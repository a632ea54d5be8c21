// Numbers that are promised, at each of their boundaries and not at some.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "memoir/block_pool.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/size_class.h"
#include "memoir/sized_pool.h"
#include "memoir/stream/optimal_buffer_size.h"
#include "memoir/system_allocator.h"
#include "memoir/vector_pool.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/sized_pool_fixture.h"

namespace memoir {
namespace {

// 8 KiB up to a hundredth of 8193 bytes, then a page more for each 409,600 bytes, to 64
// KiB.
TEST(GoldenValuesTest, FQ_36_every_step) {
  constexpr std::uint64_t kPage = 4096;
  for (std::uint64_t pages = 2; pages < 16; ++pages) {
    const std::uint64_t last =
        100 * kPage * pages + 99;  // a hundredth of it: so many pages
    EXPECT_EQ(optimal_buffer_size(last), pages * kPage) << pages;
    EXPECT_EQ(optimal_buffer_size(last + 1), (pages + 1) * kPage) << pages;
  }
  for (const std::uint64_t file :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{819'199},
        std::uint64_t{819'200}, std::uint64_t{819'201}}) {
    EXPECT_EQ(optimal_buffer_size(file), 8192u) << file;
  }
  for (const std::uint64_t file :
       {std::uint64_t{6'553'599}, std::uint64_t{6'553'600}, std::uint64_t{6'553'700},
        std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(optimal_buffer_size(file), 65536u) << file;
  }
}

// The published table, for the elements of each of its lines.
class PublishedTableTest : public ::testing::Test {
 protected:
  // So many are small, and one more is not; for what is decided, and for what then is
  // done.
  template <class T>
  void expect_small_up_to(std::size_t count) {
    EXPECT_EQ(memory_.decide<T>(1).tier, hybrid_tier::slab);
    EXPECT_EQ(memory_.decide<T>(count).tier, hybrid_tier::slab) << sizeof(T);
    EXPECT_EQ(memory_.decide<T>(count + 1).tier, hybrid_tier::system) << sizeof(T);
    const std::uint64_t slabs = memory_.chosen(hybrid_tier::slab);
    const std::uint64_t others = memory_.chosen(hybrid_tier::system);
    static_cast<void>(memory_.allocate<T>(count));
    EXPECT_EQ(memory_.chosen(hybrid_tier::slab), slabs + 1);
    static_cast<void>(memory_.allocate<T>(count + 1));
    EXPECT_EQ(memory_.chosen(hybrid_tier::system), others + 1);
    EXPECT_EQ(memory_.chosen(hybrid_tier::slab), slabs + 1);
  }
  finding_log log_;
  system_allocator system_;
  hybrid_allocator memory_{system_};
};

TEST_F(PublishedTableTest, ZA_37_all_that_are_bytes) {
  expect_small_up_to<std::byte>(1024);
  expect_small_up_to<unsigned char>(1024);
  expect_small_up_to<signed char>(1024);
  expect_small_up_to<char>(1024);
}

TEST_F(PublishedTableTest, ZA_38_ints) { expect_small_up_to<int>(512); }

TEST_F(PublishedTableTest, ZA_39_doubles) { expect_small_up_to<double>(128); }

template <std::size_t Bytes>
struct struct_of {
  char bytes[Bytes];
};
union a_union {
  int number;
  char bytes[8];
};

TEST_F(PublishedTableTest, ZA_40_structs_of_all_sizes) {
  expect_small_up_to<struct_of<1>>(64);
  expect_small_up_to<struct_of<3>>(64);
  expect_small_up_to<struct_of<16>>(64);
  expect_small_up_to<struct_of<100>>(64);
  expect_small_up_to<a_union>(64);
  // 64 of them are as large as a slot may be, and more.
  expect_small_up_to<struct_of<512>>(64);
  expect_small_up_to<struct_of<513>>(63);
  expect_small_up_to<struct_of<4096>>(8);
}

enum class small_enum : std::uint8_t { one };

// clamp(1024 / size, 32, 1024)
TEST_F(PublishedTableTest, ZA_41_all_other_types) {
  expect_small_up_to<bool>(1024);
  expect_small_up_to<small_enum>(1024);
  expect_small_up_to<short>(512);
  expect_small_up_to<char16_t>(512);
  expect_small_up_to<unsigned>(256);
  expect_small_up_to<float>(256);
  expect_small_up_to<char32_t>(256);
  expect_small_up_to<long>(128);
  expect_small_up_to<std::uint64_t>(128);
  expect_small_up_to<void*>(128);
  expect_small_up_to<long double>(64);
  constexpr auto limits = hybrid_thresholds::seed_defaults();
  for (std::size_t size = 1; size <= 2048; ++size) {
    EXPECT_EQ(limits.small_elements(element_kind::other, size),
              std::clamp<std::size_t>(1024 / size, 32, 1024))
        << size;
  }
}

// Each class begins where the one below ends, and wastes a quarter at the most.
TEST(GoldenValuesTest, FR_3_every_class_begins_where_one_ends) {
  const std::vector<std::size_t> first{16,  32,  48,  64,  80,  96,  112, 128, 160,
                                       192, 224, 256, 320, 384, 448, 512, 640};
  std::size_t below = 0;
  std::size_t index = 0;
  for (std::size_t one = 16; one != 0 && one < std::size_t{1} << 62;
       one = size_class(one + 1), ++index) {
    if (index < first.size()) {
      EXPECT_EQ(one, first[index]);
    }
    EXPECT_EQ(size_class(one), one);
    EXPECT_EQ(size_class(below + 1), one);
    EXPECT_EQ(size_class_index(one), index);
    if (below >= 64) {
      EXPECT_LE((one - below) * 4, one) << one;
    }
    below = one;
  }
  EXPECT_EQ(index, 4u + 4u * 56 - 1);  // up to 2^62, without that
  EXPECT_EQ(size_class(0), 16u);
  EXPECT_EQ(size_class(1), 16u);
  constexpr std::size_t kHalf = std::numeric_limits<std::size_t>::max() / 2;
  EXPECT_EQ(size_class(kHalf), kHalf + 1);
  EXPECT_EQ(size_class(kHalf + 1), 0u);
  EXPECT_EQ(size_class(std::numeric_limits<std::size_t>::max()), 0u);
}

// What a pool hands out for a size is of its class, at each boundary.
TEST(GoldenValuesTest, FR_40_capacities_at_the_boundaries) {
  finding_log log;
  sized_pool classes{{.max_idle_bytes = 0}};
  sized_pool exact{{.key = pool_key::exact, .max_idle_bytes = 0}};
  for (std::size_t one = 16; one < 100'000; one = size_class(one + 1)) {
    EXPECT_EQ(classes.acquire(one).capacity(), one);
    EXPECT_EQ(classes.acquire(one + 1).capacity(), size_class(one + 1));
    EXPECT_EQ(exact.acquire(one).capacity(), one);
    EXPECT_EQ(exact.acquire(one + 1).capacity(), one + 1);
  }
  EXPECT_NO_FINDING(log);
}

// floor(n / 2) stay, of each size.
TEST(GoldenValuesTest, FR_31_shrink_keeps_half_of_each_size) {
  for (const pool_key key : {pool_key::size_class, pool_key::exact}) {
    for (std::size_t idle = 0; idle <= 17; ++idle) {
      sized_pool pool{{.key = key, .trim_interval = 0}};
      {
        std::vector<pooled_bytes> all;
        for (std::size_t i = 0; i < idle; ++i) {
          all.push_back(pool.acquire(100));
          all.push_back(pool.acquire(5000));
        }
      }
      for (std::size_t left = idle; left != 0; left /= 2) {
        ASSERT_EQ(pool.stats().available_buffers, 2 * left) << idle;
        pool.shrink();
      }
      EXPECT_EQ(pool.stats().available_buffers, 0u) << idle;
      EXPECT_EQ(pool.stats().bytes_idle, 0u) << idle;
    }
  }
}

// The invariants of pool_stats, after whatever happens, for every kind of list.
class BalancedPoolsTest : public SizedPoolFixture {
 protected:
  static void use_at_random(sized_pool& pool);
};
void BalancedPoolsTest::use_at_random(sized_pool& pool) {
  std::minstd_rand random{11};
  std::vector<pooled_bytes> all;
  for (int i = 0; i < 1000; ++i) {
    switch (random() / 16 % 8) {
      case 0:
        all.clear();
        break;
      case 1:
        pool.trim(random() % 20'000);
        break;
      case 2:
        if (!all.empty()) all.back().resize(1 + random() % 9000);
        break;
      case 3:
        if (!all.empty()) all.pop_back();
        break;
      default:
        all.push_back(pool.acquire(1 + random() % 3000));
    }
    const pool_stats stats = pool.stats();
    expect_balanced(stats);
    ASSERT_EQ(stats.buffers_in_use, all.size());
    ASSERT_GE(stats.peak_bytes, stats.bytes_in_use + stats.bytes_idle);
    ASSERT_GE(stats.peak_allocation, stats.total_allocated);
    std::size_t held = 0;
    for (const pooled_bytes& one : all) held += one.capacity();
    ASSERT_EQ(stats.bytes_in_use, held);
    if (stats.available_buffers == 0) {
      ASSERT_EQ(stats.bytes_idle, 0u);
    }
  }
}

TEST_F(BalancedPoolsTest, FR_28_of_every_kind) {
  sized_pool classes;
  use_at_random(classes);
  sized_pool exact{{.key = pool_key::exact, .max_per_class = 3, .trim_interval = 5}};
  use_at_random(exact);
  sized_pool capped{{.max_idle_bytes = 5000}};
  use_at_random(capped);
  sized_pool cached{{.thread_cache = 8}};
  use_at_random(cached);
  log_.take();  // that it keeps much
}

TEST(GoldenValuesTest, FQ_4_vectors_have_the_room_that_was_said) {
  for (const std::size_t size : {1u, 2u, 63u, 64u, 65u, 4096u}) {
    vector_pool<std::uint16_t> pool{size};
    EXPECT_EQ(pool.buffer_size(), size);
    EXPECT_EQ(pool.acquire()->capacity(), size);
    EXPECT_EQ(pool.acquire()->size(), 0u);
  }
}

// Blocks are aligned to 64 unless told otherwise, and the stride is whole alignments.
TEST(GoldenValuesTest, PT_U10_alignment_and_stride) {
  static_assert(block_pool<int>::alignment == 64);
  static_assert(block_pool<char, 4096>::alignment == 4096);
  block_pool<int, 4096> pages(100, 2);
  const auto one = pages.acquire();
  const auto two = pages.acquire();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one.data()) % 4096, 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(two.data()) % 4096, 0u);
}

}  // namespace
}  // namespace memoir
