#pragma once

// The debug sections of one module, as libdw has them: unpacked. For what is read from
// their bytes without libdw. They live as long as the Dwarf does.

#include <elfutils/libdw.h>

#include <cstdint>
#include <span>

namespace memoir {

using SectionBytes = std::span<const std::uint8_t>;

// Empty: the module has no such section.
struct DwarfSections {
  SectionBytes abbreviations, line, line_strings, strings, ranges, range_lists;

  static DwarfSections of(Dwarf* dwarf);
};

}  // namespace memoir
