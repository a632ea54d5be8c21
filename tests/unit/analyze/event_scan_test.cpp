#include "analyze/event_scan.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "support/event_trace.h"
#include "support/scratch_file.h"

namespace memoir {
namespace {

class EventScan : public testing::Test {
 protected:
  void SetUp() override {
    events_ = EventMaker(11).make(20'000);
    write_events(file_.path(), events_, 900);
  }

  ScratchFile file_;
  std::vector<TraceEvent> events_;
};

TEST_F(EventScan, GivesEventsInOrder) {
  const EventSource source(file_.path(), ProcessId{1});
  EXPECT_EQ(source.events(), events_.size());
  for (const unsigned threads : {0U, 1U, 3U, 50U}) {
    for (const auto& [begin, end] :
         {std::pair<std::uint64_t, std::uint64_t>{0, ~std::uint64_t{0}},
          {1, 1},
          {899, 901},
          {17, 18},
          {900, 19'999},
          {30'000, 40'000}}) {
      std::vector<TraceEvent> seen;
      const std::uint64_t first = begin;
      scan_events(
          source, begin, end, {},
          [&](const EventSpan& span) {
            EXPECT_EQ(span.first_seq, first + seen.size());
            seen.insert(seen.end(), span.events.begin(), span.events.end());
          },
          threads);
      const std::size_t to = std::min<std::size_t>(end, events_.size());
      const std::size_t from = std::min<std::size_t>(begin, to);
      const std::vector<TraceEvent> expected(
          events_.begin() + static_cast<std::ptrdiff_t>(from),
          events_.begin() + static_cast<std::ptrdiff_t>(to));
      EXPECT_EQ(seen, expected);
    }
  }
}

TEST_F(EventScan, SeesEveryEventOnceInParallel) {
  const EventSource source(file_.path(), ProcessId{1});
  std::mutex mutex;
  std::vector<int> seen(events_.size());
  scan_events_in_parallel(source, 5, 19'000, {}, 4,
                          [&](unsigned thread, const EventSpan& span) {
                            EXPECT_LT(thread, 4U);
                            const std::scoped_lock lock(mutex);
                            for (std::size_t i = 0; i < span.events.size(); ++i) {
                              EXPECT_EQ(span.events[i], events_[span.first_seq + i]);
                              ++seen[span.first_seq + i];
                            }
                          });
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i >= 5 && i < 19'000);
}

TEST_F(EventScan, TellsItsProgress) {
  const EventSource source(file_.path(), ProcessId{1});
  std::vector<double> told;
  const Job job({}, [&](double done) { told.push_back(done); });
  scan_events(source, 0, source.events(), job, [](const EventSpan&) {});
  EXPECT_EQ(told.size(), source.chunks().size());
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.back(), 1.0);
}

TEST_F(EventScan, StopsWhenAsked) {
  const EventSource source(file_.path(), ProcessId{1});
  std::stop_source stop;
  const Job job(stop.get_token());
  std::size_t chunks = 0;
  const auto expect_cancelled = [](const auto& scan) {
    try {
      scan();
      ADD_FAILURE() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCancelled);
    }
  };
  expect_cancelled([&] {
    scan_events(source, 0, source.events(), job, [&](const EventSpan&) {
      if (++chunks == 3) stop.request_stop();
    });
  });
  EXPECT_EQ(chunks, 3U);
  std::atomic<int> calls{0};
  expect_cancelled([&] {
    scan_events_in_parallel(source, 0, source.events(), job, 3,
                            [&](unsigned, const EventSpan&) { ++calls; });
  });
  EXPECT_EQ(calls, 0);
}

TEST_F(EventScan, HandsOnWhatTheSinkThrows) {
  const EventSource source(file_.path(), ProcessId{1});
  const auto fail = [](const EventSpan& span) {
    if (span.first_seq > 5000) throw Error("enough");
  };
  EXPECT_THROW(scan_events(source, 0, source.events(), {}, fail, 3), Error);
  EXPECT_THROW(
      scan_events_in_parallel(source, 0, source.events(), {}, 3,
                              [&](unsigned, const EventSpan& span) { fail(span); }),
      Error);
}

TEST_F(EventScan, RefusesDamage) {
  const auto damage = [&](const char* sql) {
    Database database(file_.path(), Database::Mode::kReadWrite);
    database.execute(sql);
  };
  const auto scan = [&] {
    const EventSource source(file_.path(), ProcessId{1});
    scan_events(
        source, 0, source.events(), {}, [](const EventSpan&) {}, 2);
  };
  EXPECT_NO_THROW(scan());
  damage("UPDATE chunk SET data = zeroblob(100) WHERE first_seq = 4500");
  EXPECT_THROW(scan(), Error);
  damage("UPDATE chunk SET data = NULL WHERE first_seq = 4500");
  EXPECT_THROW(scan(), Error);
  damage("UPDATE chunk SET codec = 9 WHERE first_seq = 4500");
  EXPECT_THROW(scan(), Error);
  damage("DELETE FROM chunk WHERE first_seq = 4500");
  EXPECT_THROW(scan(), Error);
}

TEST(EventSource, SeesWhatATraceGetsLater) {
  const ScratchFile file;
  std::vector<TraceEvent> events = EventMaker(2).make(3'000);
  TraceWriter writer(file.path(), true);
  const auto put = [&](std::size_t first, std::size_t n) {
    writer.begin();
    const std::span<const TraceEvent> part(events.data() + first, n);
    writer.put_chunk({{1}, first, part.front().t, part.back().t, 0, 0, part});
    writer.commit();
  };
  put(0, 1'000);
  EventSource source(file.path(), ProcessId{1});
  EXPECT_EQ(source.events(), 1'000U);
  EXPECT_FALSE(source.refresh());
  put(1'000, 2'000);
  EXPECT_EQ(source.events(), 1'000U);
  EXPECT_TRUE(source.refresh());
  EXPECT_EQ(source.events(), 3'000U);
  EXPECT_EQ(source.event(2'999).address, events[2'999].address);
  EXPECT_EQ(source.moment_at(events.back().t), 3'000U);
}

}  // namespace
}  // namespace memoir
