#pragma once

// Interprets the call frame program of one FDE (DWARF 5, section 6.4; the .eh_frame
// variant) up to one address.

#include <cstdint>

#include "unwind/cfi_reader.h"
#include "unwind/frame_rule.h"

namespace memoir {

// The rule at `pc`, or kNoInformation when the FDE does not cover it. Reads within
// `bytes` only; an FDE that makes no sense is kBeyond.
FrameRule run_cfi_program(CfiBytes bytes, const std::uint8_t* fde, std::uint64_t pc);

}  // namespace memoir
