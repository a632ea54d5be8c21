// The pools of the whole program, and the examples, of frd-pu's buffer pool.

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "memoir/global_pools.h"
#include "memoir/sized_pool.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class GlobalPoolsTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(GlobalPoolsTest, FR_7_three_sizes_that_never_end) {
  EXPECT_EQ(&global_pools(), &global_pools());
  // Given back when the program's static objects end: after everything else.
  static pooled_bytes late = global_pools().small();
  EXPECT_EQ(late.size(), 1024u);
}

TEST_F(GlobalPoolsTest, FR_24_small) {
  auto buffer = global_pools().small();
  EXPECT_EQ(buffer.size(), 1024u);
  buffer[1023] = std::byte{1};
}

TEST_F(GlobalPoolsTest, FR_25_medium) {
  auto buffer = global_pools().medium(zero::yes);
  EXPECT_EQ(buffer.size(), 65536u);
  EXPECT_EQ(buffer[65535], std::byte{0});
}

TEST_F(GlobalPoolsTest, FR_26_large) {
  auto buffer = global_pools().large();
  EXPECT_EQ(buffer.size(), 1048576u);
  buffer[1048575] = std::byte{1};
}

TEST_F(GlobalPoolsTest, FR_27_the_pool_for_a_size) {
  auto buffer = global_pools().get(2048);
  EXPECT_EQ(buffer.size(), 2048u);
  EXPECT_GE(buffer.capacity(), 2048u);
  sized_pool* small = &global_pools().pool_for(1);
  EXPECT_EQ(&global_pools().pool_for(1024), small);
  sized_pool* medium = &global_pools().pool_for(1025);
  EXPECT_NE(medium, small);
  EXPECT_EQ(&global_pools().pool_for(65536), medium);
  EXPECT_NE(&global_pools().pool_for(65537), medium);
  EXPECT_EQ(&global_pools().pool_for(65537), &global_pools().pool_for(1 << 30));
  EXPECT_EQ(global_pools().try_get(0).error(), errc::invalid_size);
}

TEST_F(GlobalPoolsTest, FR_29_statistics_of_all_three) {
  const global_pool_stats before = global_pools().stats();
  {
    auto a = global_pools().small();
    auto b = global_pools().get(2048);
    const global_pool_stats now = global_pools().stats();
    EXPECT_EQ(now.small.buffers_in_use, before.small.buffers_in_use + 1);
    EXPECT_EQ(now.medium.buffers_in_use, before.medium.buffers_in_use + 1);
    EXPECT_EQ(now.large.buffers_in_use, before.large.buffers_in_use);
  }
  EXPECT_EQ(global_pools().stats().medium.total_releases,
            before.medium.total_releases + 1);
}

TEST_F(GlobalPoolsTest, FR_32_clear_global_pools) {
  global_pools().small().release();
  EXPECT_GE(clear_global_pools(), 1024u);
  EXPECT_EQ(global_pools().stats().small.available_buffers, 0u);
  EXPECT_EQ(clear_global_pools(), 0u);
}

TEST_F(GlobalPoolsTest, FR_33_input_and_output) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const std::string text(3000, 't');
  ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
  ASSERT_EQ(std::fflush(file), 0);
  auto buffer = global_pools().medium();
  const ssize_t bytes = ::pread(::fileno(file), buffer.data(), buffer.size(), 0);
  std::fclose(file);
  ASSERT_EQ(bytes, 3000);
  buffer.resize(static_cast<std::size_t>(bytes));
  EXPECT_EQ(std::memcmp(buffer.data(), text.data(), buffer.size()), 0);
  EXPECT_EQ(buffer.written_span().size(), 3000u);
  EXPECT_NO_FINDING(log_);
}

class BufferExamplesTest : public ::testing::Test {
 protected:
  finding_log log_;
  sized_pool pool_{sized_pool_options{.trim_interval = 0}};
};

TEST_F(BufferExamplesTest, FR_E1_custom_pools) {
  sized_pool pool{128};
  auto buffer = pool.acquire(8192);
  buffer[0] = std::byte{42};
  EXPECT_EQ(buffer.span()[0], std::byte{42});
}

TEST_F(BufferExamplesTest, FR_E2_global_pools) {
  auto small = global_pools().small();
  auto medium = global_pools().medium();
  auto large = global_pools().large();
  auto fitting = global_pools().get(2048);
  EXPECT_EQ(small.size() + medium.size() + large.size() + fitting.size(),
            1024u + 65536 + 1048576 + 2048);
}

TEST_F(BufferExamplesTest, FR_E3_buffer_operations) {
  auto buffer = pool_.acquire(4096);
  buffer.resize(2048);
  EXPECT_EQ(buffer.size(), 2048u);
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  EXPECT_GE(buffer.capacity(), 4096u);
  EXPECT_THROW(buffer[0], std::out_of_range);  // as the original's slice[0]
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(BufferExamplesTest, FR_E4_statistics) {
  for (int i = 0; i < 10; ++i) pool_.acquire(1024).release();
  const pool_stats stats = pool_.stats();
  EXPECT_EQ(stats.total_allocated, 1u);
  EXPECT_EQ(stats.buffers_in_use, 0u);
  EXPECT_EQ(stats.available_buffers, 1u);
  EXPECT_EQ(stats.peak_allocation, 1u);
  EXPECT_EQ(stats.total_acquisitions, 10u);
  EXPECT_EQ(stats.total_releases, 10u);
}

TEST_F(BufferExamplesTest, FR_E5_giving_memory_back) {
  { auto a = pool_.acquire(1024), b = pool_.acquire(1024); }
  EXPECT_EQ(pool_.shrink(), 1024u);
  EXPECT_EQ(pool_.clear(), 1024u);
  clear_global_pools();
  EXPECT_EQ(pool_.stats().total_allocated, 0u);
}

TEST_F(BufferExamplesTest, FR_E6_file_input) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  std::fputs("one line of text\n", file);
  std::rewind(file);
  auto buffer = global_pools().medium();
  buffer.resize(std::fread(buffer.data(), 1, buffer.size(), file));
  std::fclose(file);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(buffer.data()), buffer.size()),
            "one line of text\n");
}

TEST_F(BufferExamplesTest, FR_E7_each_error) {
  EXPECT_EQ(pool_.try_acquire(0).error(), errc::invalid_size);
  sized_pool one{{.max_outstanding = 1}};
  auto held = one.acquire(1);
  EXPECT_EQ(one.try_acquire(1).error(), errc::pool_exhausted);
  EXPECT_EQ(sized_pool::make({.alignment = 0}).error(), errc::config);
  EXPECT_EQ(pool_.give_back(held).error(), errc::foreign_buffer);
  for (const errc each :
       {errc::invalid_size, errc::pool_exhausted, errc::config, errc::foreign_buffer}) {
    EXPECT_STRNE(message_of(each), "unknown error");
  }
}

TEST_F(BufferExamplesTest, FR_P1_a_hit_is_all_there_is_to_do) {
  pool_.acquire(1 << 20).release();
  const pool_stats before = pool_.stats();
  for (int i = 0; i < 1000; ++i) pool_.acquire(1 << 20).release();
  EXPECT_EQ(pool_.stats().hits - before.hits, 1000u);
  EXPECT_EQ(pool_.stats().growth_events, before.growth_events);
}

}  // namespace
}  // namespace memoir
