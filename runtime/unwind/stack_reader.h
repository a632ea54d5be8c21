#pragma once

// Reads words of a stack for a walk. Inside the thread's own stack directly; anywhere
// else (sigaltstack, makecontext, a stack whose bounds are not known) through a copy that
// the kernel makes, a few pages at a time, because nothing there need be mapped.
//
// Thread safety: one thread.

#include <cstddef>
#include <cstdint>

#include "base/compiler.h"
#include "unwind/stack_bounds.h"

namespace memoir {

enum class StackRead : std::uint8_t {
  kFailed,
  kDirect,  // may be read again without asking, as long as the frame lives
  kCopied,
};

class StackReader {
 public:
  void set_bounds(StackBounds bounds) { bounds_ = bounds; }
  const StackBounds& bounds() const { return bounds_; }

  // What was copied for the last walk is no longer true.
  MEMOIR_FAST_PATH void begin_walk() { copy_end_ = copy_begin_ = 0; }

  // The word at `address`, for a frame whose stack pointer is `sp`. What lies between the
  // stack pointer of a frame and the top of its stack is mapped; what lies below it need
  // not be, and only bad call frame information leads there.
  MEMOIR_FAST_PATH StackRead read(std::uint64_t address, std::uint64_t sp,
                                  std::uint64_t& value) {
    if (MEMOIR_LIKELY(address >= sp && bounds_.contains(address, sizeof value))) {
      value = *reinterpret_cast<const std::uint64_t*>(address);
      return StackRead::kDirect;
    }
    return read_copy(address, sp, value);
  }

 private:
  static constexpr std::size_t kCopyBytes = 4096;

  MEMOIR_SLOW_PATH StackRead read_copy(std::uint64_t address, std::uint64_t sp,
                                       std::uint64_t& value);

  StackBounds bounds_;
  std::uint64_t copy_begin_ = 0;
  std::uint64_t copy_end_ = 0;
  unsigned char copy_[kCopyBytes];
};

}  // namespace memoir
