#include "trace/row_batch.h"

#include <string>

namespace memoir {
namespace {

std::string insertion(std::string_view table, std::size_t columns, std::size_t rows) {
  std::string row = "(?";
  for (std::size_t i = 1; i < columns; ++i) row += ",?";
  row += ')';
  std::string sql = "INSERT INTO " + std::string(table) + " VALUES" + row;
  for (std::size_t i = 1; i < rows; ++i) sql += "," + row;
  return sql;
}

void run(Statement& statement, const RowBatch::Value* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) statement.bind(static_cast<int>(i), values[i]);
  statement.step();
  statement.reset();
}

}  // namespace

RowBatch::RowBatch(Database& database, std::string_view table, std::size_t columns)
    : columns_(columns),
      many_(database.prepare(insertion(table, columns, kRows))),
      one_(database.prepare(insertion(table, columns, 1))) {
  waiting_.reserve(kRows * columns);
}

void RowBatch::put(std::initializer_list<Value> row) {
  waiting_.insert(waiting_.end(), row);
  if (waiting_.size() < kRows * columns_) return;
  run(many_, waiting_.data(), waiting_.size());
  waiting_.clear();
}

void RowBatch::flush() {
  for (std::size_t i = 0; i < waiting_.size(); i += columns_) {
    run(one_, waiting_.data() + i, columns_);
  }
  waiting_.clear();
}

}  // namespace memoir
