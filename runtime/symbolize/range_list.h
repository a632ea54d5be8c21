#pragma once

// The address ranges of an entry whose code does not lie in one piece. libdw looks up the
// unit, its base and the section anew for each of them.
//
// Thread safety: none needed. Errors: none.

#include <cstdint>
#include <utility>
#include <vector>

#include "symbolize/dwarf_sections.h"

namespace memoir {

using CodeRanges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// Appends the list at `offset` of .debug_ranges (up to version 4) or .debug_rnglists.
// `base` is where the unit's code begins, as it says itself. False when the list makes no
// sense, or says its addresses indirectly: then nothing was appended, and libdw may know.
bool read_range_list(const DwarfSections& sections, unsigned version,
                     std::uint64_t offset, std::uint64_t base, CodeRanges& out);

}  // namespace memoir
