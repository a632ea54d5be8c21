#include "symbolize/dwarf_index.h"

#include <dwarf.h>

#include <algorithm>
#include <utility>

namespace memoir {
namespace {

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

void collect_functions(Dwarf_Off parent, DwarfUnit& unit, int depth) {
  if (depth > 64) return;
  CodeRanges ranges;
  unit.reader->each_child(parent, [&](const DieEntry& entry) {
    if (entry.tag == DW_TAG_subprogram) {
      ranges.clear();
      unit.reader->ranges(entry, ranges);
      const auto index = static_cast<std::uint32_t>(unit.functions.size());
      for (const auto& [begin, end] : ranges) unit.ranges.push_back({begin, end, index});
      if (!ranges.empty()) unit.functions.push_back(entry.offset);
    } else if (may_hold_functions(entry.tag)) {
      collect_functions(entry.offset, unit, depth + 1);
    }
    return true;
  });
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

DwarfIndex::DwarfIndex(Dwarf* dwarf) : sections_(DwarfSections::of(dwarf)) {
  Dwarf_CU* cu = nullptr;
  Dwarf_Half version = 0;
  std::uint8_t type = 0;
  Dwarf_Die die, split_die;
  CodeRanges lies_in;
  while (dwarf_get_units(dwarf, cu, &cu, &version, &type, &die, &split_die) == 0) {
    if (type != DW_UT_compile && type != DW_UT_skeleton) continue;
    const bool split = type == DW_UT_skeleton && dwarf_tag(&split_die) > 0;
    lies_in.clear();
    DieReader(die, &sections_, true).unit_ranges(lies_in);
    for (const auto& [begin, end] : lies_in) {
      ranges_.push_back({begin, end, static_cast<std::uint32_t>(units_.size())});
    }
    units_.push_back({die, split ? split_die : die, split});
  }
  sort_ranges(ranges_);
}

DwarfUnit* DwarfIndex::find_unit(std::uint64_t address) {
  const AddressRange* range = find(ranges_, address);
  return range != nullptr ? &units_[range->index] : nullptr;
}

std::optional<Dwarf_Off> DwarfIndex::find_function(DwarfUnit& unit,
                                                   std::uint64_t address) {
  if (unit.reader == nullptr) {
    unit.reader = std::make_unique<DieReader>(unit.function_die,
                                              unit.is_split ? nullptr : &sections_);
    collect_functions(unit.reader->root(), unit, 0);
    sort_ranges(unit.ranges);
  }
  const AddressRange* range = find(unit.ranges, address);
  if (range == nullptr) return std::nullopt;
  return unit.functions[range->index];
}

std::vector<Dwarf_Off> entries_around(const DieReader& reader, Dwarf_Off offset) {
  std::vector<Dwarf_Off> path;
  for (Dwarf_Off parent = reader.root();;) {
    Dwarf_Off inside = 0;
    reader.each_child(parent, [&](const DieEntry& entry) {
      if (entry.offset >= offset) return false;
      const Dwarf_Off next = reader.next_sibling(entry);
      if (next > offset) inside = entry.offset;
      return inside == 0 && next != 0;
    });
    if (inside == 0) return path;
    path.push_back(inside);
    parent = inside;
  }
}

}  // namespace memoir
