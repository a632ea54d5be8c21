#pragma once

// Reads the encodings of .eh_frame: LEB128 numbers, fixed ones, and pointers in DW_EH_PE
// encoding.
//
// Thread safety: a value; reads mapped bytes only.

#include <cstdint>

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

}  // namespace memoir
