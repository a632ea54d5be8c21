#pragma once

// Reads the bytes of a DWARF section one after the other. A read past the end gives 0 and
// leaves the cursor failed, at its end.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace memoir {

class ByteCursor {
 public:
  ByteCursor(const std::uint8_t* at, const std::uint8_t* end) : at_(at), end_(end) {}

  bool failed() const { return failed_; }
  bool at_end() const { return at_ == end_; }
  const std::uint8_t* at() const { return at_; }
  std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - at_); }

  void skip(std::uint64_t n) {
    if (n > left()) {
      fail();
    } else {
      at_ += n;
    }
  }

  std::uint8_t byte() {
    if (at_ != end_) return *at_++;
    fail();
    return 0;
  }

  // Little endian, as x86-64 is; at most eight.
  std::uint64_t fixed(unsigned bytes) {
    std::uint64_t value = 0;
    if (bytes > left()) {
      fail();
      return 0;
    }
    std::memcpy(&value, at_, bytes);
    at_ += bytes;
    return value;
  }

  std::uint64_t uleb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ != end_; shift += 7) {
      const std::uint64_t byte = *at_++;
      if (shift < 64) value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    fail();
    return 0;
  }

  std::int64_t sleb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ != end_; shift += 7) {
      const std::uint64_t byte = *at_++;
      if (shift < 64) value |= (byte & 127) << shift;
      if (byte >= 128) continue;
      if ((byte & 64) != 0 && shift + 7 < 64) value |= ~std::uint64_t{0} << (shift + 7);
      return static_cast<std::int64_t>(value);
    }
    fail();
    return 0;
  }

  // What stands before the next zero, which is passed over.
  std::string_view string() {
    const void* zero = at_ == end_ ? nullptr : std::memchr(at_, 0, left());
    if (zero == nullptr) {
      fail();
      return {};
    }
    const char* text = reinterpret_cast<const char*>(at_);
    at_ = static_cast<const std::uint8_t*>(zero) + 1;
    return {text, static_cast<std::size_t>(static_cast<const char*>(zero) - text)};
  }

  void skip_string() { string(); }

  // Says that what was read makes no sense.
  void fail() {
    failed_ = true;
    at_ = end_;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool failed_ = false;
};

}  // namespace memoir
