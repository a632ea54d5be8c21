#pragma once

// Text without a heap: a fixed buffer that is cut, never overrun. For the few lines the
// runtime prints, and the few paths it makes.

#include <cstddef>
#include <cstdint>

#include "base/raw_syscall.h"

namespace memoir {

template <std::size_t kCapacity>
class Text {
 public:
  Text& add(const char* text) {
    while (*text != '\0') add_char(*text++);
    return *this;
  }

  Text& add_char(char c) {
    if (size_ + 1 < kCapacity) {
      buffer_[size_++] = c;
      buffer_[size_] = '\0';
    }
    return *this;
  }

  Text& add_decimal(std::uint64_t value) { return add_digits(value, 10); }
  Text& add_hex(std::uint64_t value) { return add_digits(value, 16); }

  const char* c_str() const { return buffer_; }
  std::size_t size() const { return size_; }
  // Whether the buffer is used up: the text may have been cut.
  bool full() const { return size_ + 1 >= kCapacity; }

  void write_to_stderr() const { raw_syscall(SYS_write, 2, buffer_, size_); }

 private:
  Text& add_digits(std::uint64_t value, unsigned base) {
    char digits[20];
    std::size_t n = 0;
    do {
      digits[n++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    while (n > 0) add_char(digits[--n]);
    return *this;
  }

  std::size_t size_ = 0;
  char buffer_[kCapacity] = {};
};

}  // namespace memoir
