#pragma once

// Rows for machines: CSV as RFC 4180 has it (a header line, CRLF, quotes where needed),
// or a JSON array with an object per row. Columns are named once.
//
// Thread safety: none.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace memoir {

enum class TableFormat { kText, kCsv, kJson };

// Nothing, a number or a text.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

class TableOutput {
 public:
  TableOutput(TableFormat format, std::vector<std::string> columns);

  // One cell for each column.
  void add(const std::vector<Cell>& row);

  // What is ready to be written; the rest keeps growing.
  std::string take();
  // The end of the table.
  std::string finish();

 private:
  void add_csv(const std::vector<Cell>& row);
  void add_json(const std::vector<Cell>& row);

  TableFormat format_;
  std::vector<std::string> columns_;
  std::string text_;
  std::size_t rows_ = 0;
};

// Cells of what the trace may not know.
Cell text_cell(std::string_view text);  // nothing for ""
Cell line_cell(std::int64_t line);      // nothing for 0
Cell number_cell(std::uint64_t number);

}  // namespace memoir
