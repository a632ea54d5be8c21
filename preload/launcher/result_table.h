#pragma once

// Rows of a query as text in columns. The widths come from the first rows, so that an
// answer of any length is printed as it comes.
//
// Thread safety: none.

#include <cstddef>
#include <string>
#include <vector>

#include "analyze/table_output.h"

namespace memoir {

class ResultTable {
 public:
  explicit ResultTable(std::vector<std::string> columns);

  void add(const std::vector<Cell>& row);
  std::string take();
  std::string finish();

 private:
  void settle();
  void append(const std::vector<std::string>& row, const std::vector<bool>& right);

  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> first_rows_;  // until the widths are settled
  std::vector<std::size_t> widths_;
  bool settled_ = false;
  std::string text_;
};

}  // namespace memoir
