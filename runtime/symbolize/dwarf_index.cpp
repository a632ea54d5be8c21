#include "symbolize/dwarf_index.h"

#include <dwarf.h>

#include <algorithm>

namespace memoir {
namespace {

void add_ranges(Dwarf_Die* die, std::uint32_t index, std::vector<AddressRange>& ranges) {
  Dwarf_Addr base = 0, begin = 0, end = 0;
  std::ptrdiff_t at = 0;
  while ((at = dwarf_ranges(die, at, &base, &begin, &end)) > 0) {
    if (begin < end) ranges.push_back({begin, end, index});
  }
}

void sort_ranges(std::vector<AddressRange>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const AddressRange& a, const AddressRange& b) {
              return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
            });
}

// Ranges hardly ever overlap; where they do (code folded by the linker) a few steps back
// find one that holds the address.
const AddressRange* find(const std::vector<AddressRange>& ranges, std::uint64_t address) {
  auto it = std::upper_bound(
      ranges.begin(), ranges.end(), address,
      [](std::uint64_t a, const AddressRange& range) { return a < range.begin; });
  for (int steps = 0; it != ranges.begin() && steps < 16; ++steps) {
    --it;
    if (address < it->end) return &*it;
  }
  return nullptr;
}

void collect_functions(Dwarf_Die* parent, DwarfUnit& unit, int depth) {
  Dwarf_Die child;
  if (depth > 64 || dwarf_child(parent, &child) != 0) return;
  do {
    const int tag = dwarf_tag(&child);
    if (tag == DW_TAG_subprogram) {
      const auto index = static_cast<std::uint32_t>(unit.functions.size());
      const std::size_t before = unit.ranges.size();
      add_ranges(&child, index, unit.ranges);
      if (unit.ranges.size() != before) unit.functions.push_back(child);
    } else if (may_hold_functions(tag)) {
      collect_functions(&child, unit, depth + 1);
    }
  } while (dwarf_siblingof(&child, &child) == 0);
}

}  // namespace

bool may_hold_functions(int tag) {
  switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
      return true;
    default:
      return false;
  }
}

DwarfIndex::DwarfIndex(Dwarf* dwarf) {
  Dwarf_CU* cu = nullptr;
  Dwarf_Half version = 0;
  std::uint8_t type = 0;
  Dwarf_Die die, split_die;
  while (dwarf_get_units(dwarf, cu, &cu, &version, &type, &die, &split_die) == 0) {
    if (type != DW_UT_compile && type != DW_UT_skeleton) continue;
    const bool split = type == DW_UT_skeleton && dwarf_tag(&split_die) > 0;
    add_ranges(&die, static_cast<std::uint32_t>(units_.size()), ranges_);
    units_.push_back({die, split ? split_die : die, false, {}, {}});
  }
  sort_ranges(ranges_);
}

DwarfUnit* DwarfIndex::find_unit(std::uint64_t address) {
  const AddressRange* range = find(ranges_, address);
  return range != nullptr ? &units_[range->index] : nullptr;
}

std::optional<Dwarf_Die> DwarfIndex::find_function(DwarfUnit& unit,
                                                   std::uint64_t address) {
  if (!unit.indexed) {
    unit.indexed = true;
    collect_functions(&unit.function_die, unit, 0);
    sort_ranges(unit.ranges);
  }
  const AddressRange* range = find(unit.ranges, address);
  if (range == nullptr) return std::nullopt;
  return unit.functions[range->index];
}

}  // namespace memoir
