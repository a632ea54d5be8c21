#pragma once

// Inserts rows of numbers into a table, many with one statement: most of what SQLite does
// for a single row is to begin and end a statement.
//
//   put() ──► rows that wait ──► (as many as fit) one INSERT

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "trace/database.h"

namespace memoir {

// Thread safety: as its Database, which it must not outlive.
class RowBatch {
 public:
  using Value = std::optional<std::int64_t>;  // nothing: NULL

  // A table with so many columns.
  RowBatch(Database& database, std::string_view table, std::size_t columns);

  // A value for each column.
  void put(std::initializer_list<Value> row);
  // Writes all rows that wait: before anybody reads them, and at the end.
  void flush();

 private:
  static constexpr std::size_t kRows = 64;

  std::size_t columns_;
  Statement many_, one_;
  std::vector<Value> waiting_;
};

}  // namespace memoir
