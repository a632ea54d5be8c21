#include "collect/aggregates.h"

#include <gtest/gtest.h>

#include "collect/mappings.h"

namespace memoir {
namespace {

constexpr ProcessId kProcess{1};

const SiteRow& row(const Aggregates& aggregates, std::uint32_t site) {
  return aggregates.sites()[site].row;
}

TEST(Aggregates, CountsASiteAndTheTotals) {
  Aggregates a(kProcess);
  const std::uint32_t site = a.site(TraceStackId{5}, Api::kMalloc);
  a.begin_event(10);
  a.block_made(site, 16, 100, 10, 1);
  a.end_event(10);
  a.block_made(site, 32, 50, 20, 1);
  a.block_freed(site, 16, 100, 10, 30, 1, 2);
  EXPECT_EQ(row(a, site).allocations, 2u);
  EXPECT_EQ(row(a, site).allocated_bytes, 150u);
  EXPECT_EQ(row(a, site).frees, 1u);
  EXPECT_EQ(row(a, site).live_bytes, 50u);
  EXPECT_EQ(row(a, site).peak_bytes, 150u);
  EXPECT_EQ(row(a, site).peak_blocks, 2u);
  EXPECT_EQ(row(a, site).min_size, 50u);
  EXPECT_EQ(row(a, site).max_size, 100u);
  EXPECT_EQ(row(a, site).first_t, 10u);
  EXPECT_EQ(row(a, site).last_t, 20u);
  EXPECT_EQ(a.totals().peak_bytes, 150u);
  EXPECT_EQ(a.totals().peak_t, 20u);
  EXPECT_EQ(a.totals().live_blocks, 1u);
}

TEST(Aggregates, OneStackMayCallTwoFunctions) {
  Aggregates a(kProcess);
  const std::uint32_t one = a.site(TraceStackId{5}, Api::kMalloc);
  EXPECT_NE(a.site(TraceStackId{5}, Api::kCalloc), one);
  EXPECT_EQ(a.site(TraceStackId{5}, Api::kMalloc), one);
}

TEST(Aggregates, TemporaryMeansFreedBeforeTheThreadMadeAnother) {
  Aggregates a(kProcess);
  const std::uint32_t site = a.site(TraceStackId{1}, Api::kMalloc);
  a.block_made(site, 16, 8, 1, 1);
  a.block_made(site, 32, 8, 2, 2);  // another thread's does not count
  a.block_freed(site, 16, 8, 1, 3, 1, 1);
  EXPECT_EQ(a.totals().temporary, 1u);
  a.block_made(site, 48, 8, 4, 1);
  a.block_made(site, 64, 8, 5, 1);
  a.block_freed(site, 48, 8, 4, 6, 1, 1);
  EXPECT_EQ(a.totals().temporary, 1u);
  // Freed by somebody else: it was handed over, not thrown away.
  a.block_freed(site, 64, 8, 5, 7, 1, 2);
  EXPECT_EQ(a.totals().temporary, 1u);
}

// A site's share of the peak, against a straightforward recount.
TEST(Aggregates, SharesOfThePeakAddUpToIt) {
  Aggregates a(kProcess);
  std::uint32_t sites[3];
  for (std::uint32_t i = 0; i < 3; ++i)
    sites[i] = a.site(TraceStackId{i + 1}, Api::kMalloc);
  std::uint64_t live[3] = {};
  std::uint64_t at_peak[3] = {};
  std::uint64_t peak = 0;
  std::uint64_t random = 42;
  for (std::uint64_t t = 1; t < 5000; ++t) {
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    const std::size_t i = (random >> 33) % 3;
    const std::uint64_t size = (random >> 40) % 100;
    if (live[i] > 300 && (random >> 50) % 2 == 0) {
      a.block_freed(sites[i], 16, 200, 1, t, 1, 1);
      live[i] -= 200;
    } else {
      a.block_made(sites[i], 16, size, t, 1);
      live[i] += size;
    }
    const std::uint64_t total = live[0] + live[1] + live[2];
    if (total <= peak) continue;
    peak = total;
    std::copy(live, live + 3, at_peak);
  }
  EXPECT_EQ(a.totals().peak_bytes, peak);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(a.at_global_peak(sites[i]), at_peak[i]) << i;
}

TEST(Mappings, APartialUnmapLeavesTheRest) {
  Aggregates a(kProcess);
  Mappings mappings(a);
  const std::uint32_t site = a.site(TraceStackId{1}, Api::kMmap);
  mappings.map(0x10000, 0x4000, site, 1);
  mappings.unmap(0x11000, 0x1000);
  EXPECT_EQ(row(a, site).live_bytes, 0x3000u);
  EXPECT_EQ(row(a, site).live_blocks, 1u);
  mappings.unmap(0x10000, 0x4000);
  EXPECT_EQ(row(a, site).live_bytes, 0u);
  EXPECT_EQ(row(a, site).frees, 1u);
  EXPECT_EQ(a.totals().mapped_peak_bytes, 0x4000u);
  EXPECT_EQ(a.totals().mapped_live_bytes, 0u);
  EXPECT_EQ(a.totals().allocations, 0u);
}

TEST(Mappings, AMappingOverAnotherReplacesIt) {
  Aggregates a(kProcess);
  Mappings mappings(a);
  const std::uint32_t first = a.site(TraceStackId{1}, Api::kMmap);
  const std::uint32_t second = a.site(TraceStackId{2}, Api::kMmap);
  mappings.map(0x10000, 0x3000, first, 1);
  mappings.map(0x11000, 0x1000, second, 2);
  EXPECT_EQ(row(a, first).live_bytes, 0x2000u);
  EXPECT_EQ(row(a, second).live_bytes, 0x1000u);
  mappings.unmap(0x10000, 0x3000);
  EXPECT_EQ(a.totals().mapped_live_bytes, 0u);
}

TEST(Mappings, WhatIsNotKnownIsNothing) {
  Aggregates a(kProcess);
  Mappings mappings(a);
  mappings.unmap(0x10000, 0x1000);
  mappings.unmap(~0ull - 10, ~0ull);
  const std::uint32_t site = a.site(TraceStackId{1}, Api::kMmap);
  mappings.map(0x10000, 0, site, 1);
  EXPECT_EQ(row(a, site).allocations, 0u);
}

}  // namespace
}  // namespace memoir
