#pragma once

// Tables of any length: only the rows in sight are drawn. A click or the keys J, K and the
// arrows select a row; Enter or a double click go into it; a click on a title sorts.
//
//   table_.draw("leaks", columns, order.size(), selected, app,
//               [&](std::size_t row, std::size_t column) { ... });
//
// Thread safety: the thread that draws.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace memoir {

class App;

struct TableColumn {
  const char* title;
  float width = 0;  // in letters; 0: what is left
  bool is_figure = false;
  const char* tip = "";  // what the figure is
};

class Table {
 public:
  struct Events {
    std::optional<std::size_t> selected;  // a row, now
    std::optional<std::size_t> opened;    // Enter or double click
    std::optional<std::size_t> asked;     // right click
    bool sort_changed = false;
  };

  explicit Table(std::size_t sort_column = 0, bool descending = true)
      : sort_column_(sort_column), descending_(descending) {}

  // `name` begins the marks of rows: name.row.0. Cells are drawn by `cell`; `text` says
  // the row in one line, for marks.
  Events draw(const char* name, std::span<const TableColumn> columns, std::size_t rows,
              std::optional<std::size_t> selected, App& app,
              const std::function<void(std::size_t row, std::size_t column)>& cell,
              const std::function<std::string(std::size_t row)>& text = {});

  std::size_t sort_column() const { return sort_column_; }
  bool descending() const { return descending_; }
  // The next draw() brings the selected row into sight.
  void show_selected() { show_selected_ = true; }

 private:
  std::size_t sort_column_;
  bool descending_;
  bool show_selected_ = false;
};

}  // namespace memoir
