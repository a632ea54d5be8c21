#include "trace/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <fstream>
#include <string>
#include <utility>

#include "support/scratch_file.h"
#include "trace/error.h"

namespace memoir {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// What an operation fails with; empty when it does not.
template <typename Operation>
std::string failure(Operation operation) {
  try {
    operation();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kTrace);
    return error.what();
  }
  return "";
}

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::ofstream(file_.path()).close();  // an empty database
    database_.emplace(file_.path(), Database::Mode::kReadWrite);
    database_->execute("CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'one')");
  }

  std::int64_t rows() { return database_->query_integer("SELECT count(*) FROM t"); }

  const ScratchFile file_;
  std::optional<Database> database_;
};

TEST_F(DatabaseTest, GivesBackWhatWasBound) {
  const std::array<std::uint8_t, 3> blob{1, 0, 255};
  const std::string zero("a\0b", 3);
  Statement statement = database_->prepare("SELECT ?, ?, ?, ?, ?, ?, ? AS last");
  statement.bind(0, std::int64_t{-5});
  statement.bind(1, ~std::uint64_t{0});
  statement.bind(2, true);
  statement.bind(3, zero);
  statement.bind(4, std::span<const std::uint8_t>(blob));
  statement.bind(5, std::optional<std::int64_t>());
  statement.bind(6, std::optional<std::string_view>("x"));
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.columns(), 7);
  EXPECT_EQ(statement.column_name(6), "last");
  EXPECT_EQ(statement.integer(0), -5);
  EXPECT_EQ(statement.natural(1), ~std::uint64_t{0});
  EXPECT_EQ(statement.integer(2), 1);
  EXPECT_EQ(statement.text(3), zero);
  EXPECT_THAT(statement.blob(4), ElementsAre(1, 0, 255));
  EXPECT_TRUE(statement.is_null(5));
  EXPECT_EQ(statement.text(6), "x");
  EXPECT_FALSE(statement.step());
}

TEST_F(DatabaseTest, AnEmptyTextIsATextAndNotNothing) {
  Statement statement = database_->prepare("SELECT typeof(?), typeof(?)");
  statement.bind(0, std::string_view());
  statement.bind(1, "");
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.text(0), "text");
  EXPECT_EQ(statement.text(1), "text");
}

TEST_F(DatabaseTest, BoundTextNeedNotOutliveTheBind) {
  Statement statement = database_->prepare("SELECT ?");
  statement.bind(0, std::string(100, 'x'));
  const std::string other(100, 'y');
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.text(0), std::string(100, 'x'));
}

TEST_F(DatabaseTest, RunsAStatementAgainAndAgain) {
  Statement insert = database_->prepare("INSERT INTO t VALUES(?, ?)");
  insert.run(2, "two");
  insert.run(3, std::optional<std::int64_t>());
  EXPECT_EQ(rows(), 3);
  EXPECT_EQ(database_->query_integer("SELECT count(*) FROM t WHERE b IS NULL"), 1);
}

TEST_F(DatabaseTest, StatementsMove) {
  Statement first = database_->prepare("SELECT 1");
  Statement second = database_->prepare("SELECT 2");
  first = std::move(second);
  Statement third(std::move(first));
  ASSERT_TRUE(third.step());
  EXPECT_EQ(third.integer(0), 2);
}

TEST_F(DatabaseTest, AQueryWithoutRowsIsZero) {
  EXPECT_EQ(database_->query_integer("SELECT a FROM t WHERE a > 100"), 0);
}

TEST_F(DatabaseTest, ATransactionIsAllOrNothing) {
  {
    const Transaction transaction(*database_);
    database_->execute("INSERT INTO t VALUES(2, 'two')");
    EXPECT_EQ(rows(), 2);
  }
  EXPECT_EQ(rows(), 1);
  Transaction transaction(*database_);
  database_->execute("INSERT INTO t VALUES(2, 'two')");
  transaction.commit();
  EXPECT_EQ(Database(file_.path(), Database::Mode::kReadOnly)
                .query_integer("SELECT count(*) FROM t"),
            2);
}

TEST_F(DatabaseTest, ATransactionThatSqliteEndedItselfMayBeLeft) {
  const Transaction transaction(*database_);
  database_->execute("ROLLBACK");
}

TEST_F(DatabaseTest, AStatementThatFailedMayRunAgain) {
  database_->execute("CREATE UNIQUE INDEX unique_a ON t(a)");
  Statement insert = database_->prepare("INSERT INTO t VALUES(?, 'x')");
  EXPECT_THAT(failure([&] { insert.run(1); }), HasSubstr("UNIQUE"));
  insert.run(2);
  EXPECT_EQ(rows(), 2);
}

TEST_F(DatabaseTest, FailuresAreOneLineThatNamesTheFile) {
  const std::string path = file_.path().string();
  EXPECT_EQ(failure([&] { database_->prepare("SELECT no_such FROM t"); }),
            path + ": no such column: no_such");
  Database reader(file_.path(), Database::Mode::kReadOnly);
  EXPECT_EQ(failure([&] { reader.execute("DELETE FROM t"); }),
            path + ": the file is read-only");
  const std::string missing = (file_.folder() / "missing").string();
  EXPECT_EQ(failure([&] { Database(missing, Database::Mode::kReadOnly); }),
            missing + ": No such file or directory");
}

TEST_F(DatabaseTest, SaysThatAFileIsNoTraceOrDamaged) {
  const auto other = file_.folder() / "other";
  std::ofstream(other) << std::string(4096, 'x');
  EXPECT_THAT(
      failure([&] {
        Database(other, Database::Mode::kReadOnly).query_integer("SELECT 1 FROM t");
      }),
      EndsWith("not a Memoir trace"));

  for (int i = 0; i < 1000; ++i) {
    database_->execute("INSERT INTO t VALUES(randomblob(100), 'x')");
  }
  database_.reset();
  std::fstream damaged(file_.path());
  damaged.seekp(4096);
  damaged << std::string(20'000, '\xff');
  damaged.close();
  EXPECT_THAT(failure([&] {
                Database(file_.path(), Database::Mode::kReadOnly)
                    .query_integer("SELECT sum(length(a)) FROM t");
              }),
              EndsWith("the file is damaged"));
}

// Characters that mean something in the names that SQLite itself takes.
TEST_F(DatabaseTest, OpensAFinishedFileOfAnyName) {
  const auto odd = file_.folder() / "50%25 of #1?mode=memory & more";
  database_.reset();
  std::filesystem::copy_file(file_.path(), odd);
  Database finished(odd, Database::Mode::kImmutable);
  EXPECT_EQ(finished.query_integer("SELECT a FROM t"), 1);
  EXPECT_THAT(failure([&] { finished.execute("DELETE FROM t"); }),
              EndsWith("the file is read-only"));
  // It leaves no companions beside the file.
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(file_.folder())) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 2U);
}

// A trace comes from anyone: its schema must not call what reaches outside of it.
TEST_F(DatabaseTest, ASchemaCannotBeMadeToHarm) {
  EXPECT_THAT(failure([&] {
                database_->execute(
                    "PRAGMA writable_schema = ON;"
                    "UPDATE sqlite_schema SET sql = 'CREATE TABLE t(z)'");
              }),
              HasSubstr("may not be modified"));
  bool called = false;
  sqlite3_create_function(
      database_->raw(), "reach_out", 0, SQLITE_UTF8, &called,
      [](sqlite3_context* context, int, sqlite3_value**) {
        *static_cast<bool*>(sqlite3_user_data(context)) = true;
      },
      nullptr, nullptr);
  database_->execute("CREATE VIEW v AS SELECT reach_out() AS a");
  EXPECT_THAT(failure([&] { database_->query_integer("SELECT a FROM v"); }),
              HasSubstr("unsafe use"));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace memoir
