#include "launcher/result_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analyze/units.h"

namespace memoir {
namespace {

constexpr std::size_t kRowsForWidths = 200;

std::string cell_text(const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell))
    return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return {};
}

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) ||
         std::holds_alternative<double>(cell);
}

std::string one_line(const Cell& cell) { return printable(cell_text(cell)); }

bool is_single_text(const std::vector<Cell>& row) {
  return row.size() == 1 && std::holds_alternative<std::string>(row[0]);
}

// A text of several lines, as stack_text has them.
std::string keep_lines(const std::string& text) {
  std::string lines;
  for (std::size_t begin = 0, end = 0; begin <= text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    lines += printable(text.substr(begin, end - begin)) + "\n";
  }
  return lines;
}

}  // namespace

ResultTable::ResultTable(std::vector<std::string> columns)
    : columns_(std::move(columns)) {
  for (const std::string& column : columns_) widths_.push_back(display_width(column));
}

void ResultTable::add(const std::vector<Cell>& row) {
  if (!settled_) {
    first_rows_.push_back(row);
    if (first_rows_.size() == kRowsForWidths) settle();
    return;
  }
  if (is_single_text(row)) {
    text_ += keep_lines(cell_text(row[0]));
    return;
  }
  std::vector<std::string> texts;
  std::vector<bool> right;
  for (const Cell& cell : row) {
    texts.push_back(one_line(cell));
    right.push_back(is_number(cell));
  }
  append(texts, right);
}

void ResultTable::append(const std::vector<std::string>& row,
                         const std::vector<bool>& right) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t width = display_width(row[i]);
    const std::string blank(widths_[i] > width ? widths_[i] - width : 0, ' ');
    line += (i == 0 ? "" : "  ") + (right[i] ? blank + row[i] : row[i] + blank);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  text_ += line + "\n";
}

void ResultTable::settle() {
  settled_ = true;
  std::vector<bool> right(columns_.size(), false);
  for (const auto& row : first_rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(one_line(row[i])));
      if (is_number(row[i])) right[i] = true;
    }
  }
  append(columns_, right);
  std::vector<std::string> rules;
  for (const std::size_t width : widths_) rules.emplace_back(width, '-');
  if (columns_.size() > 1) append(rules, right);
  for (const auto& row : std::exchange(first_rows_, {})) add(row);
}

std::string ResultTable::take() { return std::exchange(text_, {}); }

std::string ResultTable::finish() {
  if (!settled_) settle();
  return take();
}

}  // namespace memoir
