#pragma once

// Finds the compilation unit and the function of an address in one module's DWARF.
//
// libdw's own way walks all of a unit for every address, and finds units through
// .debug_aranges only, which clang does not write. Here the units' ranges are read once
// per module, and a unit's functions once, when an address first falls into it.
//
// Thread safety: none.

#include <elfutils/libdw.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "symbolize/die_reader.h"
#include "symbolize/unit_lines.h"

namespace memoir {

struct AddressRange {
  std::uint64_t begin, end;
  std::uint32_t index;  // of the unit or function
};

struct DwarfUnit {
  Dwarf_Die line_die;      // has the line table
  Dwarf_Die function_die;  // has the functions; another one with split DWARF
  bool is_split = false;
  // From here on once an address fell into the unit.
  std::unique_ptr<DieReader> reader = {};  // of function_die's
  std::vector<Dwarf_Off> functions = {};
  std::vector<AddressRange> ranges = {};  // of the functions, sorted by begin
  std::unique_ptr<UnitLines> lines = {};  // of line_die's, once asked for
};

// Whether entries of this DWARF tag are scopes of functions: namespaces and classes.
bool may_hold_functions(int tag);

// The entries around the one at `offset`, outermost first; none if it is not in the unit.
std::vector<Dwarf_Off> entries_around(const DieReader& reader, Dwarf_Off offset);

class DwarfIndex {
 public:
  // Addresses given to find_*() have the module's bias already taken off.
  explicit DwarfIndex(Dwarf* dwarf);

  const DwarfSections& sections() const { return sections_; }

  DwarfUnit* find_unit(std::uint64_t address);
  // The entry of the function. The unit has a reader afterwards.
  std::optional<Dwarf_Off> find_function(DwarfUnit& unit, std::uint64_t address);

 private:
  DwarfSections sections_;
  std::vector<DwarfUnit> units_;
  std::vector<AddressRange> ranges_;  // of the units, sorted by begin
};

}  // namespace memoir
