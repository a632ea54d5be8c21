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
