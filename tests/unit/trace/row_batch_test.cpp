#include "trace/row_batch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

namespace memoir {
namespace {

class RowBatchTest : public testing::Test {
 protected:
  RowBatchTest() {
    database_.execute("CREATE TABLE pair(id INTEGER PRIMARY KEY, other)");
  }
  ~RowBatchTest() override { std::filesystem::remove(path_); }

  static std::filesystem::path make_file() {
    const auto path = std::filesystem::temp_directory_path() /
                      ("row_batch." + std::to_string(getpid()));
    std::ofstream{path};
    return path;
  }

  const std::filesystem::path path_ = make_file();
  Database database_{path_, Database::Mode::kReadWrite};
};

TEST_F(RowBatchTest, EveryRowIsThereOnceItIsFlushed) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t count : {0, 1, 63, 64, 65, 1000}) {
    database_.execute("DELETE FROM pair");
    RowBatch batch(database_, "pair", 2);
    for (std::int64_t i = 1; i <= count; ++i) {
      batch.put({i, i % 3 == 0 ? RowBatch::Value{} : kMost - i});
    }
    batch.flush();
    batch.flush();
    EXPECT_EQ(database_.query_integer("SELECT count(*) FROM pair"), count);
    EXPECT_EQ(database_.query_integer("SELECT count(*) FROM pair WHERE other IS NULL"),
              count / 3);
    EXPECT_EQ(database_.query_integer("SELECT count(*) FROM pair WHERE other ="
                                      " 9223372036854775807 - id"),
              count - count / 3);
  }
}

TEST_F(RowBatchTest, ARowThatIsThereAlreadyIsAnError) {
  database_.execute("INSERT INTO pair VALUES(70, 1)");
  RowBatch batch(database_, "pair", 2);
  EXPECT_ANY_THROW({
    for (std::int64_t i = 1; i <= 100; ++i) batch.put({i, i});
    batch.flush();
  });
}

}  // namespace
}  // namespace memoir
