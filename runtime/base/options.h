#pragma once

// The runtime's options: see options.inc for the list.

#include <cstdint>

namespace memoir {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// A pattern for names (base/pattern.h), of characters that separate nothing; "": none.
struct Pattern {
  char text[96] = {};
};

// What malloc does: the program's own allocator serves it; the checked heap does; the
// same, with a guarded slot for every block.
enum class RunMode : std::uint8_t { kProfile, kCheck, kGuard };

// What happens after a fault was reported.
enum class OnFault : std::uint8_t { kContinue, kStop, kAbort };

// What stands on the bytes that --pin names: guard pages, and breakpoints where no guard
// page comes so close; guard pages alone; breakpoints alone.
enum class PinWith : std::uint8_t { kAuto, kGuard, kBreakpoint };

// As options and reports spell them.
const char* name_of(RunMode mode);
const char* name_of(OnFault action);
const char* name_of(PinWith how);
inline const char* name_of(const Pattern& pattern) { return pattern.text; }

struct Options {
#define MEMOIR_OPTION(type, name, value, help) type name = value;
#include "base/options.inc"
#undef MEMOIR_OPTION
};

// What was wrong with an option string: the first bad name or value, cut to fit.
struct OptionError {
  bool failed = false;
  char text[128] = {};
};

// Reads "name=value:name=value" (also separated by commas or blanks) into `options`. What
// is unknown or malformed is left at its default and reported. A null string is empty.
// Thread safety: none needed; allocates nothing.
OptionError parse_options(const char* text, Options& options);

}  // namespace memoir
