#include "analyze/filter_reports.h"

#include <gtest/gtest.h>

namespace memoir {
namespace {

class FilterReportsTest : public testing::Test {
 protected:
  FilterReportsTest() {
    faults_.resize(3);
    for (std::size_t i = 0; i < 3; ++i) {
      FaultRow& row = faults_[i].row;
      row.process = {i == 2 ? 2U : 1U};
      row.t = 1'000'000 * (i + 1);
      row.stack = {static_cast<std::uint32_t>(10 + i)};
      row.thread = {1};
      faults_[i].thread = "main";
    }
    faults_[0].row.alloc_stack = {20};
    faults_[1].row.free_stack = {30};
    faults_[1].row.free_thread = {2};
    faults_[1].free_thread = "helper";
    faults_[2].row.place = MemoryPlace::kBlock;
    faults_[2].row.block_address = 0x1000;
    faults_[2].row.block_size = 16;
    faults_[2].row.address = 0x1010;
    pools_.resize(2);
    pools_[0].row.name = "lines";
    pools_[0].row.kind = "arena";
    pools_[0].row.stack = {40};
    pools_[0].sites.resize(2);
    pools_[0].sites[0].figures.stack = {50};
    pools_[0].sites[1].figures.stack = {51};
    pools_[1].row.name = "nodes";
    pools_[1].row.kind = "pool";
    pools_[1].row.process = {3};
  }
  using Places = std::vector<std::size_t>;
  Places faults(const char* words, const StackSet* stacks = nullptr, NumberRange t = {}) {
    return filter_faults(parse_filter(words).filter, stacks, t, faults_);
  }
  std::vector<Pool> pools(const char* words, const StackSet* stacks = nullptr) {
    return filter_pools(parse_filter(words).filter, stacks, pools_);
  }

  std::vector<Fault> faults_;
  std::vector<Pool> pools_;
};

TEST_F(FilterReportsTest, NoWordTakesAll) {
  EXPECT_EQ(faults(""), (Places{0, 1, 2}));
  EXPECT_EQ(pools("").size(), 2U);
}

TEST_F(FilterReportsTest, EachStackOfAnErrorIsAsked) {
  for (const auto& [stack, place] : {std::pair(10U, 0), {20U, 0}, {30U, 1}, {12U, 2}}) {
    StackSet set;
    set.add(stack);
    EXPECT_EQ(faults("", &set), (Places{static_cast<std::size_t>(place)})) << stack;
  }
  const StackSet none;
  EXPECT_TRUE(faults("", &none).empty());
}

TEST_F(FilterReportsTest, ErrorsAreTakenByTimeProcessThreadAndAddress) {
  EXPECT_EQ(faults("", nullptr, {1'500'000, 3'000'000}), (Places{1, 2}));
  EXPECT_EQ(faults("t:1ms..2ms"), (Places{0, 1}));
  EXPECT_EQ(faults("process:2"), (Places{2}));
  EXPECT_EQ(faults("-process:2"), (Places{0, 1}));
  EXPECT_EQ(faults("thread:helper"), (Places{1}));
  EXPECT_EQ(faults("thread:2"), (Places{1}));
  EXPECT_EQ(faults("-thread:helper"), (Places{0, 2}));
  EXPECT_EQ(faults("addr:0x1008"), (Places{2}));
  EXPECT_EQ(faults("addr:0x1010"), (Places{2}));
  EXPECT_TRUE(faults("addr:0x1011").empty());
}

TEST_F(FilterReportsTest, WordsAboutOtherThingsAreLeftOutAndNamed) {
  EXPECT_EQ(faults("size>64k -leaked"), (Places{0, 1, 2}));
  const Filter filter = parse_filter("size>64k fn:x leaked thread:2").filter;
  EXPECT_EQ(words_not_about_faults(filter), "size>64k leaked");
  EXPECT_EQ(words_not_about_pools(filter), "size>64k leaked thread:2");
  EXPECT_EQ(words_not_about_faults(parse_filter("fn:x").filter), "");
}

TEST_F(FilterReportsTest, PoolsAreTakenByNameKindAndProcess) {
  ASSERT_EQ(pools("pool:line").size(), 1U);
  EXPECT_EQ(pools("pool:line")[0].row.name, "lines");
  EXPECT_EQ(pools("pool:arena")[0].row.name, "lines");
  EXPECT_EQ(pools("pool:*").size(), 2U);
  EXPECT_EQ(pools("-pool:line")[0].row.name, "nodes");
  EXPECT_EQ(pools("process:3")[0].row.name, "nodes");
}

TEST_F(FilterReportsTest, APoolOfWhichOnlySitesAgreeHasTheseAlone) {
  StackSet site;
  site.add(51);
  const std::vector<Pool> taken = pools("", &site);
  ASSERT_EQ(taken.size(), 1U);
  ASSERT_EQ(taken[0].sites.size(), 1U);
  EXPECT_EQ(taken[0].sites[0].figures.stack, TraceStackId{51});
  StackSet maker;
  maker.add(40);
  EXPECT_EQ(pools("", &maker)[0].sites.size(), 2U);
}

}  // namespace
}  // namespace memoir
