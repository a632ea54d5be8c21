#include "analyze/table_output.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace memoir {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_cell(const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell))
    return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&cell)) return csv_field(*text);
  return {};
}

nlohmann::ordered_json json_cell(const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return *number;
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

}  // namespace

TableOutput::TableOutput(TableFormat format, std::vector<std::string> columns)
    : format_(format), columns_(std::move(columns)) {
  if (format_ == TableFormat::kJson) {
    text_ = "[";
  } else {
    add_csv(std::vector<Cell>(columns_.begin(), columns_.end()));
  }
}

void TableOutput::add(const std::vector<Cell>& row) {
  if (format_ == TableFormat::kJson) {
    add_json(row);
  } else {
    add_csv(row);
  }
  ++rows_;
}

void TableOutput::add_csv(const std::vector<Cell>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    text_ += (i == 0 ? "" : ",") + csv_cell(row[i]);
  }
  text_ += "\r\n";
}

void TableOutput::add_json(const std::vector<Cell>& row) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < row.size(); ++i) object[columns_[i]] = json_cell(row[i]);
  text_ += rows_ == 0 ? "\n  " : ",\n  ";
  // Names from the program need not be UTF-8; JSON must be.
  text_ += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string TableOutput::take() { return std::exchange(text_, {}); }

std::string TableOutput::finish() {
  if (format_ == TableFormat::kJson) text_ += rows_ == 0 ? "]\n" : "\n]\n";
  return take();
}

Cell text_cell(std::string_view text) {
  return text.empty() ? Cell() : Cell(std::string(text));
}
Cell line_cell(std::int64_t line) { return line == 0 ? Cell() : Cell(line); }
Cell number_cell(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace memoir
