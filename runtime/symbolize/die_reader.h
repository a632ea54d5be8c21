#pragma once

// Reads the entries of one DWARF unit one after the other, straight from its bytes. libdw
// takes a lock for every entry it looks at; to find the functions of a unit, and what was
// inlined into one, tens of thousands have to be passed over.
//
// Only what decides where code lies is understood here: names and lines are asked from
// libdw, for the few entries that matter.
//
// Thread safety: none. Errors: none; a unit that makes no sense ends early.

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>

#include "symbolize/abbreviations.h"
#include "symbolize/range_list.h"

namespace memoir {

struct DieEntry {
  Dwarf_Off offset = 0;   // in its section
  Dwarf_Off after = 0;    // the entry that follows in the file: its first child if any
  Dwarf_Off sibling = 0;  // 0: not said
  std::uint16_t tag = 0;  // 0: the end of a list of children
  bool has_children = false;
  // Where its code lies, when that is said plainly: end is 0 for an entry without code.
  std::uint64_t begin = 0, end = 0;
  bool begins = false;     // a beginning was said
  bool ask_libdw = false;  // its addresses are said in a list, or indirectly
  bool has_list = false;
  std::uint64_t list = 0;  // where in its section
};

class DieReader {
 public:
  // Of the unit whose first entry this is. `sections` are the module's, which outlive
  // this; null for a unit that lies in another file (split DWARF). With `only_root` no
  // other entry can be read, and making this costs little.
  DieReader(Dwarf_Die unit, const DwarfSections* sections, bool only_root = false);

  Dwarf_Off root() const { return root_; }
  // Calls visit(const DieEntry&) for each child of the entry at `parent`. The visitor
  // answers whether to go on.
  template <typename Visit>
  void each_child(Dwarf_Off parent, Visit visit) const {
    DieEntry entry;
    if (!read(parent, entry) || !entry.has_children) return;
    Dwarf_Off at = entry.after;
    while (read(at, entry) && entry.tag != 0) {
      if (!visit(static_cast<const DieEntry&>(entry))) return;
      at = next_sibling(entry);
      if (at == 0) return;
    }
  }
  // The entry with this offset as libdw knows it.
  Dwarf_Die die(Dwarf_Off offset) const;
  // The address ranges of an entry's code, appended.
  void ranges(const DieEntry& entry, CodeRanges& out) const;
  // The same of the whole unit.
  void unit_ranges(CodeRanges& out) const;
  // The offset after all that the entry contains, or 0.
  Dwarf_Off next_sibling(const DieEntry& entry) const;

 private:
  bool read(Dwarf_Off offset, DieEntry& entry) const;

  const std::uint8_t* section_ = nullptr;  // the bytes that offsets count from
  Dwarf_Off unit_ = 0, root_ = 0, end_ = 0;
  Dwarf_CU* cu_ = nullptr;
  const DwarfSections* sections_;
  std::optional<std::uint64_t> base_;  // where the unit's code begins, if it says so
  DieSizes sizes_;
  Abbreviations abbreviations_;
};

}  // namespace memoir
