#pragma once

// What the tests of pools of many sizes share.

#include <gtest/gtest.h>

#include "memoir/pool_stats.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {

class SizedPoolFixture : public ::testing::Test {
 protected:
  static void expect_balanced(const pool_stats& stats) {
    EXPECT_EQ(stats.total_allocated, stats.buffers_in_use + stats.available_buffers);
    EXPECT_EQ(stats.total_acquisitions - stats.total_releases, stats.buffers_in_use);
    EXPECT_EQ(stats.total_acquisitions, stats.hits + stats.misses);
    EXPECT_EQ(stats.growth_events - stats.freed, stats.total_allocated);
  }
  finding_log log_;
  failing_resource upstream_;
};

}  // namespace memoir
