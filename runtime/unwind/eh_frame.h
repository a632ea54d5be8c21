#pragma once

// Reads call frame information (.eh_frame, found through .eh_frame_hdr) of the modules of
// this process.
//
// Thread safety and signals: reads mapped, immutable bytes; safe anywhere as long as the
// module is not unloaded meanwhile, which it cannot be while one of its functions is on a
// live stack.

#include <cstdint>

#include "unwind/cfi_reader.h"
#include "unwind/frame_rule.h"

namespace memoir {

// Whether this system can find the call frame information of an address without locks
// (_dl_find_object, glibc 2.35 and later).
bool can_find_frame_rules();

// The rule for the instruction at `pc` (for a caller: its return address minus one).
FrameRule find_frame_rule(std::uint64_t pc);

// Whether `pc` lies in a module the dynamic linker knows.
bool is_module_address(std::uint64_t pc);

// The rule for `pc` from an .eh_frame_hdr at `header` alone, in a module of these bytes.
// For tests.
FrameRule frame_rule_from_header(CfiBytes module, const std::uint8_t* header,
                                 std::uint64_t pc);

}  // namespace memoir
