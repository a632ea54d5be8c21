#pragma once

// Walks the calling thread's stack: exact return addresses, innermost first, by the rules
// of call frame information. Reads memory and nothing else; safe with exceptions, longjmp
// and switched stacks.
//
// Words are read directly inside the thread's own stack, and with a system call anywhere
// else (sigaltstack, makecontext, a stack whose bounds are not known).
//
// Thread safety: one walker per thread; see RuleCache about signal handlers.

#include <cstddef>
#include <cstdint>

#include "base/careful_read.h"
#include "unwind/rule_cache.h"
#include "unwind/stack_bounds.h"

namespace memoir {

// The deepest stack that is kept whole. Of a deeper one both ends are kept, half each.
inline constexpr std::size_t kMaxWholeStack = 16384;

struct WalkedStack {
  std::size_t size = 0;
  // Where the frames left out would stand (between [gap - 1] and [gap]); 0: none left
  // out.
  std::size_t gap = 0;
};

class StackWalker {
 public:
  void set_bounds(StackBounds bounds) { bounds_ = bounds; }

  // Walks from the frame that called the function whose frame address (gcc:
  // __builtin_frame_address(0)) is `frame`. pcs[0] is that function's return address.
  WalkedStack walk(const void* frame);

  // What walk() found.
  const std::uint64_t* pcs() const { return pcs_; }

  // A module was unloaded: nothing known about addresses holds.
  void forget_rules();

 private:
  // What lies between the stack pointer of a frame and the top of its stack is mapped;
  // what lies below it need not be, and only bad call frame information leads there.
  bool read_word(std::uint64_t address, std::uint64_t sp, std::uint64_t& value) const {
    if (MEMOIR_LIKELY(address >= sp && bounds_.contains(address, sizeof value))) {
      value = *reinterpret_cast<const std::uint64_t*>(address);
      return true;
    }
    return read_carefully(address, &value, sizeof value) == CarefulRead::kRead;
  }
  bool step(const FrameRule& rule, FrameRegisters& registers) const;
  bool step_by_frame_pointer(FrameRegisters& registers) const;
  MEMOIR_SLOW_PATH WalkedStack walk_by_libunwind(std::uint64_t first_pc,
                                                 std::size_t walked);
  WalkedStack join_ends(std::size_t steps);

  StackBounds bounds_;
  RuleCache rules_;
  std::uint64_t pcs_[kMaxWholeStack];
};

}  // namespace memoir
