#pragma once

// Walks the calling thread's stack: exact return addresses, innermost first, by the rules
// of call frame information, down to the first frame that the last walk found as well and
// that leads to the same callers as then (StackMemo). Reads memory and nothing else; safe
// with exceptions, longjmp and switched stacks.
//
//   walk() ──► fresh frames, and how many remembered ones lie outside of them
//          ──► remember() for each fresh frame, outermost first
//
// Thread safety: one walker per thread; see RuleCache about signal handlers.

#include <cstddef>
#include <cstdint>

#include "unwind/rule_cache.h"
#include "unwind/stack_bounds.h"
#include "unwind/stack_memo.h"
#include "unwind/stack_reader.h"

namespace memoir {

struct WalkedStack {
  std::size_t fresh = 0;       // frames that had to be walked: the inner part
  std::size_t remembered = 0;  // frames outside of them, the same as last time
  // Where the frames left out would stand (between fresh frames [gap - 1] and [gap]); 0:
  // none left out.
  std::size_t gap = 0;
};

class StackWalker {
 public:
  // Another stack than before: nothing is remembered of it.
  void set_bounds(const StackBounds& bounds);

  // Walks from the frame that called the function whose frame address (gcc:
  // __builtin_frame_address(0)) is `frame`.
  WalkedStack walk(const void* frame);

  // Walks from an instruction that was interrupted, with the registers it had.
  WalkedStack walk_interrupted(const FrameRegisters& registers);

  // Fresh frame i of the last walk, 0 being the innermost.
  std::uint64_t fresh_pc(std::size_t i) const { return pcs_ ? pcs_[i] : fresh_[i].pc; }
  // Remembered frame i, 0 being the outermost of the stack.
  std::uint64_t remembered_pc(std::size_t i) const { return memo_.pc(i); }
  // The node given to remember() for the innermost remembered frame.
  StackNodeId remembered_node() const {
    return memo_.size() == 0 ? kNoStack : memo_.node(memo_.size() - 1);
  }

  // Remembers fresh frame i, and what stack ends with it. To be called for each fresh
  // frame from the outermost in, or not at all.
  MEMOIR_FAST_PATH void remember(std::size_t i, StackNodeId node) {
    if (remembering_) remembering_ = memo_.push(fresh_[i], node);
  }

  // The thread's stack is not what it was: another thread took over.
  void forget_stacks() { memo_.truncate(0); }
  // A module was unloaded: nothing known about addresses holds.
  void forget_rules();

 private:
  enum class Step : std::uint8_t { kCaller, kEnd, kLost, kBeyond };

  WalkedStack walk_from(const FrameRegisters& start, bool interrupted);
  Step step(FrameRegisters& registers, WalkedFrame& frame);
  bool step_plainly(const RuleCache::PlainRule& rule, FrameRegisters& registers,
                    WalkedFrame& frame);
  bool step_by_rule(const FrameRule& rule, FrameRegisters& registers, WalkedFrame& frame);
  bool step_by_frame_pointer(FrameRegisters& registers, WalkedFrame& frame);
  const std::uint64_t* find_link(std::uint64_t link) const;
  bool chain_leads_to_module(std::uint64_t link);
  MEMOIR_SLOW_PATH WalkedStack walk_both_ends(FrameRegisters registers, bool interrupted);
  MEMOIR_SLOW_PATH WalkedStack walk_by_libunwind(std::uint64_t first_pc,
                                                 std::size_t walked);
  WalkedStack join_ends(std::size_t steps);

  StackReader reader_;
  // In this walk, frame pointers up to here were seen to lead to code of a module.
  std::uint64_t proven_link_ = 0;
  bool remembering_ = false;
  // The fresh frames, when only their addresses are known; nullptr: they are in fresh_.
  const std::uint64_t* pcs_ = nullptr;
  RuleCache rules_;
  StackMemo memo_;
  WalkedFrame fresh_[kMaxWholeStack];
  std::uint64_t pc_buffer_[kMaxWholeStack];
};

}  // namespace memoir
