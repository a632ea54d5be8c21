#pragma once

// Tells AddressSanitizer and memcheck what of a pool's memory may be touched, so that
// they see its blocks as they see malloc's. Which of them is there is known when the
// program runs: their functions are weak, and memcheck's requests do nothing natively.

#include <cstddef>

namespace memoir {

// Whether pools made from here on do. On by default; tests that damage pools on purpose
// under a sanitizer turn it off. Thread safety: any.
void annotate_pools(bool on) noexcept;

}  // namespace memoir

namespace memoir::records {

class annotations {
 public:
  annotations();
  void forbid(const void* memory, std::size_t bytes) const;
  void allow(const void* memory, std::size_t bytes) const;

 private:
  bool address_sanitizer_ = false;
  bool memcheck_ = false;
};

}  // namespace memoir::records
