#pragma once

// Interprets the call frame program of one FDE (DWARF 5, section 6.4; the .eh_frame
// variant) up to one address.

#include <cstdint>

#include "unwind/frame_rule.h"

namespace memoir {

// A cursor over the bytes of .eh_frame. `end` may be null where the caller knows that the
// bytes suffice.
struct CfiReader {
  const std::uint8_t* at = nullptr;
  const std::uint8_t* end = nullptr;

  bool done() const { return at >= end; }
  std::uint8_t byte() { return *at++; }
  std::uint64_t fixed(unsigned bytes);
  std::uint64_t uleb();
  std::int64_t sleb();
  // A pointer in DW_EH_PE encoding; `data_base` is what data-relative ones are against.
  std::uint64_t encoded_pointer(std::uint8_t encoding, std::uint64_t data_base);
};

// The rule at `pc`, or kNoInformation when the FDE does not cover it.
FrameRule run_cfi_program(const std::uint8_t* fde, std::uint64_t pc);

}  // namespace memoir
