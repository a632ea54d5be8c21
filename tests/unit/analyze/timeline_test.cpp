#include "analyze/timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "support/scratch_file.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

// Two processes; the first one's pyramid is whole, from 1,000 buckets up.
class TimelineTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kBuckets = 1000, kSpan = 1'000'000;

  void SetUp() override {
    TraceWriter writer(file_.path(), true);
    writer.begin();
    writer.put_process({.id = {1},
                        .started = 0,
                        .ended = kBuckets * kSpan,
                        .end = "exit:0",
                        .peak_bytes = 1'999,
                        .events = kBuckets * 1024});
    std::vector<TimelineRow> rows;
    for (std::uint64_t i = 0; i < kBuckets; ++i) {
      rows.push_back({.process = {1},
                      .level = 0,
                      .bucket = i,
                      .t0 = i * kSpan,
                      .t1 = i * kSpan + kSpan - 10,
                      .live_min = 500 + i % 10,
                      .live_max = 1'000 + i,
                      .live_end = 700 + i,
                      .blocks_end = i,
                      .allocations = 600,
                      .frees = 424,
                      .allocated_bytes = i});
    }
    for (std::uint32_t level = 0; level < 8 && !rows.empty(); ++level) {
      std::vector<TimelineRow> above;
      for (TimelineRow& row : rows) {
        row.level = level;
        writer.put_timeline(row);
        if (row.bucket % 8 == 0) {
          above.push_back(row);
          above.back().bucket = row.bucket / 8;
          continue;
        }
        TimelineRow& sum = above.back();
        sum.t1 = row.t1, sum.live_end = row.live_end, sum.blocks_end = row.blocks_end;
        sum.live_min = std::min(sum.live_min, row.live_min);
        sum.live_max = std::max(sum.live_max, row.live_max);
        sum.allocations += row.allocations, sum.frees += row.frees;
        sum.allocated_bytes += row.allocated_bytes;
      }
      rows = above;
    }
    writer.put_sample({{1}, 10 * kSpan, 5'000, 9'000});
    writer.put_sample({{1}, 500 * kSpan, 6'000, 9'500});
    writer.put_mark({{1}, 700 * kSpan, "late"});
    writer.put_mark({{1}, 300 * kSpan, "early"});
    writer.commit();
    writer.finish();
  }

  void add_second_process() {
    Database database(file_.path(), Database::Mode::kReadWrite);
    database.execute(
        "INSERT INTO process(id, started, ended, end, events, peak_bytes) VALUES"
        "(2, 200000000, 400000000, 'exit:0', 1024, 70)");
    database.execute(
        "INSERT INTO timeline VALUES(2, 0, 0, 250000000, 300000000, 50, 70, 60, 2, 9,"
        " 7, 99)");
    database.execute("INSERT INTO sample VALUES(2, 250000000, 100, 200)");
  }
  Timeline load(std::optional<ProcessId> only = ProcessId{1}, unsigned finest = 0) {
    return Timeline::load(open(), only, finest);
  }
  Database& open() {
    database_ = std::make_unique<Database>(file_.path(), Database::Mode::kReadOnly);
    return *database_;
  }

  ScratchFile file_;
  std::unique_ptr<Database> database_;
};

TEST_F(TimelineTest, GivesBucketsAsTheyAreWhereThereAreFew) {
  const Timeline timeline = load();
  EXPECT_EQ(timeline.end(), kBuckets * kSpan);
  EXPECT_EQ(timeline.live_max(), 1'999U);
  const auto points = timeline.points(100 * kSpan, 110 * kSpan - 1, 50);
  ASSERT_EQ(points.size(), 10U);
  EXPECT_EQ(points[0].t0, 100 * kSpan);
  EXPECT_EQ(points[0].live_max, 1'100U);
  EXPECT_EQ(points[9].live_end, 809U);
  EXPECT_EQ(timeline.points(0, kBuckets * kSpan, kBuckets).size(), kBuckets);
}

TEST_F(TimelineTest, SumsUpWhereThereAreMany) {
  const Timeline timeline = load();
  for (const std::size_t width : {1U, 7U, 100U, 333U, 999U}) {
    SCOPED_TRACE(width);
    const auto points = timeline.points(0, timeline.end(), width);
    ASSERT_LE(points.size(), width);
    EXPECT_GE(points.size(), width / 9);
    std::uint64_t allocations = 0, most = 0, least = ~std::uint64_t{0};
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_GE(points[i].t0, points[i > 0 ? i - 1 : 0].t0);
      EXPECT_LE(points[i].live_min, points[i].live_max);
      allocations += points[i].allocations;
      most = std::max(most, points[i].live_max);
      least = std::min(least, points[i].live_min);
    }
    EXPECT_EQ(allocations, 600 * kBuckets);
    EXPECT_EQ(most, 1'999U);
    EXPECT_EQ(least, 500U);
    EXPECT_EQ(points.back().live_end, 700 + kBuckets - 1);
  }
}

TEST_F(TimelineTest, ShowsTheSameFromCoarseLevels) {
  const Timeline coarse = load(ProcessId{1}, Timeline::kCoarse);
  EXPECT_FALSE(coarse.is_finest());
  const auto points = coarse.points(0, coarse.end(), 10);
  std::uint64_t allocations = 0;
  for (const TimelinePoint& point : points) allocations += point.allocations;
  EXPECT_EQ(allocations, 600 * kBuckets);
  EXPECT_EQ(coarse.end(), load().end());
}

// While a trace grows only full buckets are there, so the newest events are in fine ones.
TEST_F(TimelineTest, TakesWhatCoarseLevelsLackFromFineOnes) {
  {
    Database database(file_.path(), Database::Mode::kReadWrite);
    database.execute("DELETE FROM timeline WHERE level = 1 AND bucket >= 124");
    database.execute("DELETE FROM timeline WHERE level = 2 AND bucket >= 15");
    database.execute("DELETE FROM timeline WHERE level >= 3");
  }
  for (const unsigned finest : {0U, 1U, 2U, 3U}) {
    std::uint64_t allocations = 0;
    const Timeline timeline = load(ProcessId{1}, finest);
    const auto points = timeline.points(0, timeline.end(), 12);
    for (const TimelinePoint& point : points) allocations += point.allocations;
    EXPECT_EQ(allocations, 600 * kBuckets) << finest;
    EXPECT_EQ(points.back().live_end, 1'699U);
  }
}

TEST_F(TimelineTest, AddsProcessesUp) {
  add_second_process();
  const Timeline timeline = load(std::nullopt);
  // Columns of 10 buckets each; the second process lives in columns 20 to 40.
  const auto points = timeline.points(0, kBuckets * kSpan - 1, 100);
  ASSERT_EQ(points.size(), 100U);
  EXPECT_EQ(points[10].live_end, 700U + 109);
  EXPECT_EQ(points[22].live_end, 700U + 229);
  EXPECT_EQ(points[27].live_end, 700U + 279);  // its bucket goes on to 300 ms
  EXPECT_EQ(points[30].live_end, 700U + 309 + 60);
  EXPECT_EQ(points[27].live_max, 1'000U + 279 + 70);
  EXPECT_EQ(points[35].live_end, 700U + 359 + 60);
  EXPECT_EQ(points[35].blocks_end, 359U + 2);
  EXPECT_EQ(points[50].live_end, 700U + 509);
  std::uint64_t allocations = 0;
  for (const TimelinePoint& point : points) allocations += point.allocations;
  EXPECT_EQ(allocations, 600 * kBuckets + 9);
}

TEST_F(TimelineTest, KnowsTheMemoryAndTheMarks) {
  add_second_process();
  const Timeline timeline = load(std::nullopt);
  const auto memory = timeline.memory(0, kBuckets * kSpan - 1, 100);
  ASSERT_EQ(memory.size(), 99U);  // nothing is known of the first hundredth
  EXPECT_EQ(memory[0].rss, 5'000U);
  EXPECT_EQ(memory[30].rss, 5'100U);
  EXPECT_EQ(memory[30].virtual_bytes, 9'200U);
  EXPECT_EQ(memory[60].rss, 6'000U);
  const auto marks = timeline.marks(0, kBuckets * kSpan);
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks[0].name, "early");
  EXPECT_EQ(timeline.marks(400 * kSpan, 500 * kSpan).size(), 0U);
}

TEST_F(TimelineTest, IsEmptyWhereThereIsNothing) {
  const Timeline timeline = load(ProcessId{77});
  EXPECT_TRUE(timeline.points(0, 1'000, 10).empty());
  EXPECT_TRUE(timeline.memory(0, 1'000, 10).empty());
  const Timeline some = load();
  EXPECT_TRUE(some.points(10, 5, 10).empty());
  EXPECT_TRUE(some.points(0, 10, 0).empty());
  EXPECT_LE(some.points(0, ~std::uint64_t{0}, 10).size(), 10U);
}

TEST_F(TimelineTest, RefusesGaps) {
  {
    Database database(file_.path(), Database::Mode::kReadWrite);
    database.execute("DELETE FROM timeline WHERE level = 0 AND bucket = 5");
  }
  EXPECT_THROW(load(), Error);
}

}  // namespace
}  // namespace memoir
