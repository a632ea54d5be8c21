#pragma once

// SQLite with C++ manners: a connection and prepared statements that close themselves,
// typed binds and columns, and every failure an Error of one line that names the file.
//
// Thread safety: a Database and its Statements belong to one thread at a time.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace memoir {

// One prepared statement. Parameters and columns count from 0, unlike SQLite's own.
// Must not outlive its Database.
class Statement {
 public:
  Statement(sqlite3* connection, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int index, std::int64_t value);
  void bind(int index, std::uint64_t value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  void bind(int index, std::uint32_t value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, bool value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, std::string_view text);
  void bind(int index, const char* text) { bind(index, std::string_view(text)); }
  void bind(int index, std::span<const std::uint8_t> blob);
  void bind_null(int index);
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind_null(index);
  }

  // Binds all parameters in order, runs the statement to its end and makes it ready to
  // run again. For statements that return no rows.
  template <typename... Values>
  void run(const Values&... values) {
    int index = 0;
    (bind(index++, values), ...);
    while (step()) {
    }
    reset();
  }

  // True: a row stands ready in the columns. False: no more rows.
  bool step();
  // Ready to run again; the binds stay.
  void reset();

  int columns() const;
  std::string_view column_name(int index) const;
  bool is_null(int index) const;
  std::int64_t integer(int index) const;
  std::uint64_t natural(int index) const {
    return static_cast<std::uint64_t>(integer(index));
  }
  // Valid until the next step(), reset() or end of the statement.
  std::string_view text(int index) const;
  std::span<const std::uint8_t> blob(int index) const;

  sqlite3_stmt* raw() const { return statement_; }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  enum class Mode {
    kReadOnly,
    kReadWrite,
    kImmutable,  // neither locks nor companion files: a finished trace on read-only media
  };

  // Opens an existing file.
  Database(const std::filesystem::path& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs any number of statements, whose rows are ignored.
  void execute(std::string_view sql);
  Statement prepare(std::string_view sql);
  // The first column of the first row, 0 when there is none.
  std::int64_t query_integer(std::string_view sql);

  // Statements end with an Error soon after a stop was requested of the token; one
  // without a source takes that back.
  void stop_with(std::stop_token token);

  sqlite3* raw() const { return connection_; }

 private:
  sqlite3* connection_ = nullptr;
  std::stop_token stop_;
};

// BEGIN when made, COMMIT when told; ROLLBACK when neither told nor finished.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace memoir
