#pragma once

// The columns of the table of leaks.
//
// Thread safety: the thread that draws.

#include <span>
#include <string>

#include "analyze/leak_table.h"
#include "viewer/widgets/table.h"

namespace memoir {

// As many as there is room for; what leaves first comes last. Classes only where a leak
// scan told some.
std::span<const TableColumn> leak_columns(const LeakTable& table, LeakGroup group,
                                          float width);
bool leak_is_less(const LeakRow& a, const LeakRow& b, std::size_t column);
std::string leaks_as_csv(std::span<const LeakRow* const> rows);

class LeakCells {
 public:
  LeakCells(const LeakTable& table, LeakGroup group) : table_(table), group_(group) {}
  void draw(const LeakRow& row, std::size_t column) const;

 private:
  void draw_age(const LeakRow& row) const;
  // How the bytes piled up over the time of the trace.
  void draw_curve(const LeakRow& row) const;

  const LeakTable& table_;
  LeakGroup group_;
};

}  // namespace memoir
