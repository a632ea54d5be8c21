#pragma once

// Which file and line an address of one compilation unit belongs to, read when it is
// first asked for.
//
// Thread safety: none.

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "symbolize/line_table.h"

namespace memoir {

struct SourceLine {
  std::string file;  // "" when unknown
  int line = 0;      // 0 when unknown
};

class UnitLines {
 public:
  // `unit` is the entry that has the line table.
  UnitLines(Dwarf_Die unit, const DwarfSections& sections);

  SourceLine at(Dwarf_Addr address);
  // A file by its number, "" when it has none.
  const std::string& file(std::uint64_t number);

 private:
  std::string path_of(std::uint64_t number);

  Dwarf_Die unit_;
  std::optional<LineTable> table_;  // none: libdw is asked
  std::unordered_map<std::uint64_t, std::string> files_;
  std::unordered_map<const char*, std::string> paths_;  // of libdw
};

}  // namespace memoir
