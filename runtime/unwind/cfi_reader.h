#pragma once

// Reads the encodings of .eh_frame: LEB128 numbers, fixed ones, and pointers in DW_EH_PE
// encoding. Nothing outside of the bytes it was given is read, whatever they say.
//
// Thread safety: a value; reads mapped bytes only.

#include <cstddef>
#include <cstdint>

namespace memoir {

// Where call frame information may lie: the mapped bytes of its module.
struct CfiBytes {
  const std::uint8_t* begin = nullptr;
  const std::uint8_t* end = nullptr;

  bool contain(const std::uint8_t* at, std::size_t size) const {
    return at >= begin && at <= end && size <= static_cast<std::size_t>(end - at);
  }
};

// A cursor over such bytes. What is read beyond `end` is zero, and `failed` from then on.
struct CfiReader {
  const std::uint8_t* at = nullptr;
  const std::uint8_t* end = nullptr;
  bool failed = false;

  bool done() const { return at >= end; }
  std::uint64_t left() const { return done() ? 0 : static_cast<std::uint64_t>(end - at); }
  void fail() {
    failed = true;
    at = end;
  }
  std::uint8_t byte() {
    if (done()) {
      fail();
      return 0;
    }
    return *at++;
  }
  void skip(std::uint64_t bytes) {
    if (bytes > left()) return fail();
    at += bytes;
  }
  std::uint64_t fixed(unsigned bytes);
  std::uint64_t uleb();
  std::int64_t sleb();
  // A pointer in DW_EH_PE encoding; `data_base` is what data-relative ones are against.
  // An indirect one, which might lead anywhere, is a failure.
  std::uint64_t encoded_pointer(std::uint8_t encoding, std::uint64_t data_base);
};

}  // namespace memoir
