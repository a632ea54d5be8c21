#include "analyze/hotspots.h"

#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

class HotspotsTest : public testing::Test {
 protected:
  HotspotsTest() : trace_(file_.path()) { trace_.write(); }
  Database& database() { return trace_.writer().database(); }

  const ScratchFile file_;
  SyntheticTrace trace_;
};

TEST_F(HotspotsTest, MergesTheStacksOfOneCallSite) {
  const CallSites sites(database(), SiteKind::kHeap);
  EXPECT_EQ(sites.size(), 3U);
  const auto leaked = sites.top(SiteOrder::kLeaked, 10);
  ASSERT_EQ(leaked.size(), 3U);
  EXPECT_EQ(leaked[0].function, "leak_here()");
  EXPECT_EQ(leaked[0].file, "/src/app/leak.cpp");
  EXPECT_EQ(leaked[0].line, 12);
  EXPECT_EQ(leaked[0].api, "operator new");
  EXPECT_EQ(leaked[0].figures.live_bytes, 3'000U);
  EXPECT_EQ(leaked[0].figures.live_blocks, 3U);
  EXPECT_EQ(leaked[0].stacks, 2U);
  EXPECT_EQ(leaked[0].heaviest.live_bytes, 2'000U);
  EXPECT_EQ(leaked[1].function, "strings(char const*)");
  EXPECT_EQ(leaked[1].figures.live_bytes, 570U);
  EXPECT_EQ(leaked[2].figures.live_bytes, 0U);
}

TEST_F(HotspotsTest, AnswersEveryOrder) {
  const CallSites sites(database(), SiteKind::kHeap);
  for (const SiteOrder order :
       {SiteOrder::kAtPeak, SiteOrder::kOwnPeak, SiteOrder::kAllocated, SiteOrder::kCount,
        SiteOrder::kTemporary}) {
    const auto top = sites.top(order, 1);
    ASSERT_EQ(top.size(), 1U);
    EXPECT_EQ(top[0].function, "churn(std::vector<int>&)") << site_order_name(order);
  }
  EXPECT_EQ(sites.total().allocated_bytes, 64'003'970U);
}

TEST_F(HotspotsTest, KeepsMappingsAndProcessesApart) {
  const CallSites mappings(database(), SiteKind::kMapping);
  ASSERT_EQ(mappings.size(), 1U);
  EXPECT_EQ(mappings.top(SiteOrder::kLeaked, 1)[0].api, "mmap");
  const CallSites child(database(), SiteKind::kHeap, ProcessId{2});
  EXPECT_EQ(child.total().live_bytes, 70U);
}

// Two more stacks lead to leak_here(), and all that they made was freed.
TEST_F(HotspotsTest, CountTheStacksThatAFigureIsOf) {
  for (const int line : {70, 71}) {
    trace_.writer().put_site(
        {.process = {1},
         .stack = trace_.stack({{"main", "/src/app/main.cpp", line},
                                {"leak_here()", "/src/app/leak.cpp", 12}}),
         .api = Api::kMalloc,
         .allocations = 1,
         .allocated_bytes = 10,
         .frees = 1});
  }
  const CallSites sites(database(), SiteKind::kHeap);
  const CallSite leaked = sites.top(SiteOrder::kLeaked, 1)[0];
  EXPECT_EQ(leaked.function, "leak_here()");
  EXPECT_EQ(leaked.stacks, 4U);
  EXPECT_EQ(leaked.concerned, 2U);
  EXPECT_EQ(sites.top(SiteOrder::kAllocated, 3)[1].concerned, 4U);
}

// Of what a stack made with malloc() some holds a pool; what it made with calloc()
// leaked.
TEST_F(HotspotsTest, OnlyWhatHoldsAPoolIsNoLeak) {
  const TraceStackId both = trace_.stack({{"both()", "/src/app/both.cpp", 5}});
  for (const Api api : {Api::kMalloc, Api::kCalloc}) {
    trace_.writer().put_site({.process = {1},
                              .stack = both,
                              .api = api,
                              .allocations = 2,
                              .allocated_bytes = 600,
                              .live_blocks = 2,
                              .live_bytes = 600});
  }
  trace_.writer().put_pool_backing({.process = {1},
                                    .stack = both,
                                    .api = static_cast<std::uint32_t>(Api::kMalloc),
                                    .blocks = 1,
                                    .bytes = 500});
  const CallSites sites(database(), SiteKind::kHeap);
  std::uint64_t blocks = 0, bytes = 0;
  for (const CallSite& site : sites.top(SiteOrder::kLeaked, 10)) {
    if (site.function != "both()") continue;
    blocks = site.figures.live_blocks;
    bytes = site.figures.live_bytes;
  }
  EXPECT_EQ(blocks, 3U);
  EXPECT_EQ(bytes, 700U);
  EXPECT_EQ(database().query_integer("SELECT CAST(total(bytes) AS INTEGER) FROM"
                                     " leak_total WHERE stack = " +
                                     std::to_string(both.value)),
            700);
}

// A mapping that holds a pool is no block of the heap, and takes away none.
TEST_F(HotspotsTest, MappedPoolsTakeNothingFromTheHeap) {
  const TraceStackId both = trace_.stack({{"both()", "/src/app/both.cpp", 5}});
  for (const Api api : {Api::kMalloc, Api::kMmap}) {
    trace_.writer().put_site({.process = {1},
                              .stack = both,
                              .api = api,
                              .allocations = 1,
                              .allocated_bytes = 600,
                              .live_blocks = 1,
                              .live_bytes = 600});
  }
  trace_.writer().put_pool_backing({.process = {1},
                                    .stack = both,
                                    .api = static_cast<std::uint32_t>(Api::kMmap),
                                    .blocks = 1,
                                    .bytes = 600});
  EXPECT_EQ(CallSites(database(), SiteKind::kHeap).total().live_bytes, 3'570U + 600);
  EXPECT_EQ(
      database().query_integer("SELECT CAST(total(bytes) AS INTEGER) FROM leak_total"),
      3'570 + 600);
  EXPECT_EQ(CallSites(database(), SiteKind::kMapping).total().live_bytes, 1U << 20);
}

TEST(Hotspots, TellUnnamedSitesApartByTheirAddress) {
  const ScratchFile file;
  SyntheticTrace trace(file.path(), false);
  trace.write();
  const CallSites sites(trace.writer().database(), SiteKind::kHeap);
  const auto top = sites.top(SiteOrder::kLeaked, 10);
  ASSERT_EQ(top.size(), 3U);
  EXPECT_EQ(top[0].function.substr(0, 6), "app+0x");
}

TEST(Hotspots, KnowTheirOrdersByName) {
  for (const SiteOrder order : kSiteOrders) {
    EXPECT_EQ(parse_site_order(site_order_name(order)), order);
  }
  EXPECT_EQ(parse_site_order("size"), std::nullopt);
}

}  // namespace
}  // namespace memoir
