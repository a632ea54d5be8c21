#include "trace/event_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_file.h"
#include "trace/database.h"
#include "trace/error.h"
#include "trace/trace_reader.h"
#include "trace/trace_writer.h"

namespace memoir {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint64_t kStepNs = 1000;

// Two processes of 1,000 events in chunks of 100: an alloc, then its free, and so on.
class EventTableTest : public testing::Test {
 protected:
  EventTableTest() {
    TraceWriter writer(file_.path(), true);
    writer.begin();
    for (std::uint64_t chunk = 0; chunk < 10; ++chunk) {
      for (std::uint32_t process = 1; process <= 2; ++process) {
        std::vector<TraceEvent> events;
        for (std::uint64_t i = chunk * 100; i < chunk * 100 + 100; ++i) {
          TraceEvent event;
          event.t = i * kStepNs;
          event.thread = 1;
          event.address = 0x1000 * process + i / 2 * 16;
          if (i % 2 == 0) {
            event.size = i + 1;
            event.stack = 7;
            event.api = Api::kMemalign;
            event.alignment_log2 = 6;
          } else {
            event.kind = TraceEventKind::kFree;
            event.api = Api::kFree;
          }
          events.push_back(event);
        }
        writer.put_chunk({.process = {process},
                          .first_seq = chunk * 100,
                          .t0 = events.front().t,
                          .t1 = events.back().t,
                          .events = events});
      }
    }
    writer.commit();
    writer.finish();
    reader_ = std::make_unique<TraceReader>(file_.path());
  }

  std::int64_t number(const std::string& sql) {
    return reader_->database().query_integer(sql);
  }
  std::string row(const std::string& sql) {
    Statement statement = reader_->database().prepare(sql);
    std::string row;
    if (!statement.step()) return "(no row)";
    for (int i = 0; i < statement.columns(); ++i) {
      row += (i != 0 ? "|" : "") +
             (statement.is_null(i) ? "NULL" : std::string(statement.text(i)));
    }
    return row;
  }

  const ScratchFile file_;
  std::unique_ptr<TraceReader> reader_;
};

TEST_F(EventTableTest, HoldsEveryEvent) {
  EXPECT_EQ(number("SELECT count(*) FROM events"), 2000);
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE kind='free'"), 1000);
  EXPECT_EQ(number("SELECT sum(size) FROM events WHERE process=1"), 250000);
  EXPECT_EQ(number("SELECT count(DISTINCT rowid) FROM events"), 2000);
}

TEST_F(EventTableTest, HasTheColumnsOfTheContract) {
  EXPECT_EQ(row("SELECT * FROM events WHERE process=2 AND seq=4"),
            "2|4|4000|alloc|1|8224|5|7|NULL|memalign|NULL|NULL|64");
  EXPECT_EQ(row("SELECT process,seq,t,kind,thread,address,size,stack,pool FROM events "
                "WHERE process=1 AND seq=1"),
            "1|1|992|free|1|4096|0|NULL|NULL");
}

TEST_F(EventTableTest, AnswersRanges) {
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE seq BETWEEN 150 AND 349"), 400);
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE seq > 150 AND seq < 349"), 396);
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE seq = 999"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE seq = 1000"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE t < 0"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE t >= 100000 AND t < 200000"),
            number("SELECT count(*) FROM events WHERE +t >= 100000 AND +t < 200000"));
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE t > 99839 AND t <= 100000.5"),
            number("SELECT count(*) FROM events WHERE +t > 99839 AND +t <= 100000.5"));
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE t = 99840"),
            number("SELECT count(*) FROM events WHERE +t = 99840"));
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE seq >= '998'"), 4);
  EXPECT_EQ(number("SELECT count(*) FROM events WHERE process IN (2, 3)"), 1000);
}

TEST_F(EventTableTest, ReadsOnlyTheChunksItNeeds) {
  // With the other chunks gone bad, a narrow query still answers.
  const std::filesystem::path copy = file_.folder() / "copy.memoir";
  std::filesystem::copy_file(file_.path(), copy);
  TraceReader reader(copy);
  ASSERT_TRUE(reader.make_writable());
  Database& database = reader.database();
  database.execute(
      "UPDATE chunk SET data = x'00' WHERE first_seq <> 300 OR process <> 2");
  EXPECT_EQ(
      database.query_integer(
          "SELECT count(*) FROM events WHERE process=2 AND seq BETWEEN 310 AND 319"),
      10);
  EXPECT_EQ(database.query_integer("SELECT count(*) FROM events WHERE process=2 "
                                   "AND t BETWEEN 310000 AND 319000"),
            10);
  EXPECT_THAT([&] { database.query_integer("SELECT count(*) FROM events"); },
              ThrowsMessage<Error>(HasSubstr("damaged events")));
}

TEST_F(EventTableTest, ComesInOrder) {
  EXPECT_EQ(row("SELECT process, seq FROM events ORDER BY process DESC, seq DESC"),
            "2|999");
  EXPECT_EQ(row("SELECT seq FROM events WHERE process=2 ORDER BY seq LIMIT 1 OFFSET 500"),
            "500");
  EXPECT_EQ(row("SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET 1001"), "500");
}

TEST_F(EventTableTest, JoinsWithItself) {
  EXPECT_EQ(number("SELECT count(*) FROM events a JOIN events f ON f.process = a.process "
                   "AND f.seq = a.seq + 1 AND f.address = a.address "
                   "WHERE a.kind = 'alloc' AND a.seq < 20"),
            20);
}

}  // namespace
}  // namespace memoir
