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
#include <optional>
#include <vector>

namespace memoir {

struct AddressRange {
  std::uint64_t begin, end;
  std::uint32_t index;  // of the unit or function
};

struct DwarfUnit {
  Dwarf_Die line_die;      // has the line table
  Dwarf_Die function_die;  // has the functions; another one with split DWARF
  bool indexed = false;
  std::vector<Dwarf_Die> functions;
  std::vector<AddressRange> ranges;  // of the functions, sorted by begin
};

// Whether entries of this DWARF tag are scopes of functions: namespaces and classes.
bool may_hold_functions(int tag);

class DwarfIndex {
 public:
  // Addresses given to find_*() have the module's bias already taken off.
  explicit DwarfIndex(Dwarf* dwarf);

  DwarfUnit* find_unit(std::uint64_t address);
  std::optional<Dwarf_Die> find_function(DwarfUnit& unit, std::uint64_t address);

 private:
  std::vector<DwarfUnit> units_;
  std::vector<AddressRange> ranges_;  // of the units, sorted by begin
};

}  // namespace memoir
