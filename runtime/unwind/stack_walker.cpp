#include "unwind/stack_walker.h"

#include "unwind/eh_frame.h"
#include "unwind/libunwind_fallback.h"

namespace memoir {
namespace {

constexpr std::size_t kHalf = kMaxWholeStack / 2;
// No stack has more frames than this; a walk that does is going round in circles.
constexpr std::size_t kMostSteps = std::size_t{1} << 24;

FrameRegisters registers_of_caller(const void* frame) {
  const auto* words = static_cast<const std::uint64_t*>(frame);
  return {words[1], reinterpret_cast<std::uint64_t>(words + 2), words[0]};
}

}  // namespace

void StackWalker::set_bounds(const StackBounds& bounds) {
  const StackBounds& known = reader_.bounds();
  if (known.low == bounds.low && known.high == bounds.high) return;
  forget_stacks();
  reader_.set_bounds(bounds);
}

// False, and nothing has changed, unless the frame lies inside the thread's own stack.
MEMOIR_FAST_PATH bool StackWalker::step_plainly(const RuleCache::PlainRule& rule,
                                                FrameRegisters& registers,
                                                WalkedFrame& frame) {
  const std::uint64_t sp = registers.sp;
  const std::uint64_t cfa = sp + rule.cfa_offset;
  const StackBounds& bounds = reader_.bounds();
  if (MEMOIR_UNLIKELY(sp < bounds.low || cfa > bounds.high || cfa <= sp)) return false;
  if (rule.bp_offset != 0) {
    const std::uint64_t bp_slot = cfa + rule.bp_offset;
    if (MEMOIR_UNLIKELY(bp_slot < sp || bp_slot >= cfa)) return false;
    frame.bp_slot = bp_slot;
    registers.bp = *reinterpret_cast<const std::uint64_t*>(bp_slot);
  }
  frame.pc_slot = cfa - sizeof(std::uint64_t);
  frame.caller_sp = cfa;
  frame.repeatable = true;
  registers.pc = *reinterpret_cast<const std::uint64_t*>(frame.pc_slot);
  registers.sp = cfa;
  return true;
}

bool StackWalker::step_by_rule(const FrameRule& rule, FrameRegisters& registers,
                               WalkedFrame& frame) {
  const std::uint64_t sp = registers.sp;
  bool repeatable = true;
  const auto read = [&](std::uint64_t address, std::uint64_t& value) {
    const StackRead read = reader_.read(address, sp, value);
    repeatable &= read == StackRead::kDirect;
    return read != StackRead::kFailed;
  };
  const auto slot = [&](SlotBase base, std::int32_t offset, std::uint64_t cfa) {
    const std::uint64_t from = base == SlotBase::kCfa  ? cfa
                               : base == SlotBase::kSp ? sp
                                                       : registers.bp;
    return from + static_cast<std::uint64_t>(std::int64_t{offset});
  };

  const bool cfa_by_sp =
      rule.cfa_base == CfaBase::kSp || rule.cfa_base == CfaBase::kSpLoad;
  std::uint64_t cfa = cfa_by_sp ? sp : registers.bp;
  cfa += static_cast<std::uint64_t>(std::int64_t{rule.cfa_offset});
  if (rule.cfa_base == CfaBase::kSpLoad || rule.cfa_base == CfaBase::kBpLoad) {
    frame.sp_slot = cfa;
    if (!read(cfa, cfa)) return false;
  }
  // Stacks grow down: only a signal frame may lead to another stack.
  if (cfa <= sp && !rule.is_signal_frame) return false;
  std::uint64_t pc = 0;
  frame.pc_slot = slot(rule.ra_base, rule.ra_offset, cfa);
  if (!read(frame.pc_slot, pc)) return false;
  std::uint64_t bp = registers.bp;
  if (rule.bp_base != SlotBase::kSame) {
    frame.bp_slot = slot(rule.bp_base, rule.bp_offset, cfa);
    if (!read(frame.bp_slot, bp)) return false;
  }
  frame.by_bp =
      !cfa_by_sp || rule.ra_base == SlotBase::kBp || rule.bp_base == SlotBase::kBp;
  frame.caller_sp = cfa;
  frame.repeatable = repeatable;
  registers = {pc, cfa, bp};
  return true;
}

// Code without call frame information (hand-written assembly, generated code): its caller
// is taken from the frame pointer, if the chain of frame pointers leads up the same stack
// to code of a module. Generated code that keeps something else in that register hardly
// ever has such a chain there.
bool StackWalker::step_by_frame_pointer(FrameRegisters& registers, WalkedFrame& frame) {
  const std::uint64_t link = registers.bp;
  if (link < registers.sp || !reader_.bounds().contains(registers.sp, 8)) return false;
  if (link > proven_link_ && !chain_leads_to_module(link)) return false;
  const std::uint64_t* words = find_link(link);
  if (words == nullptr) return false;
  frame.pc_slot = link + 8;
  frame.bp_slot = link;
  frame.by_bp = true;
  frame.caller_sp = link + 16;
  frame.repeatable = true;
  registers = {words[1], frame.caller_sp, words[0]};
  return true;
}

// The two words that a frame pointer points at, which may hold anything; nullptr where
// they are not of this stack. It is not below the stack pointer of its frame, and from
// there to its top a stack is mapped.
const std::uint64_t* StackWalker::find_link(std::uint64_t link) const {
  const bool is_of_stack =
      link % 8 == 0 && reader_.bounds().contains(link, 2 * sizeof(std::uint64_t));
  return is_of_stack ? reinterpret_cast<const std::uint64_t*>(link) : nullptr;
}

bool StackWalker::chain_leads_to_module(std::uint64_t link) {
  constexpr int kMostLinks = 256;
  constexpr std::uint64_t kLowestCode = 65536;
  for (int i = 0; i < kMostLinks; ++i) {
    const std::uint64_t* words = find_link(link);
    if (words == nullptr) break;
    const std::uint64_t pc = words[1];
    if (is_module_address(pc)) {
      proven_link_ = link;
      return true;
    }
    const bool is_code = pc >= kLowestCode && pc <= kPcMask;
    if (!is_code || reader_.bounds().contains(pc, 1) || words[0] <= link) break;
    link = words[0];
  }
  return false;
}

// From a frame to its caller; notes in `frame` by what words.
MEMOIR_FAST_PATH StackWalker::Step StackWalker::step(FrameRegisters& registers,
                                                     WalkedFrame& frame) {
  // A return address lies behind its call.
  const std::uint64_t pc = registers.pc - (frame.interrupted ? 0 : 1);
  RuleCache::PlainRule plain;
  if (MEMOIR_LIKELY(rules_.find_plain(pc, plain) &&
                    step_plainly(plain, registers, frame))) {
    return registers.pc == 0 ? Step::kEnd : Step::kCaller;
  }
  const FrameRule rule = rules_.find(pc);
  frame.is_signal_frame = rule.is_signal_frame;
  if (MEMOIR_LIKELY(rule.kind == RuleKind::kStep)) {
    if (!step_by_rule(rule, registers, frame)) return Step::kLost;
  } else if (rule.kind == RuleKind::kNoInformation) {
    if (!step_by_frame_pointer(registers, frame)) return Step::kLost;
  } else if (rule.kind == RuleKind::kBeyond) {
    return Step::kBeyond;
  } else {
    frame.repeatable = true;  // rests on no word at all
    return Step::kEnd;
  }
  return registers.pc == 0 ? Step::kEnd : Step::kCaller;
}

WalkedStack StackWalker::walk(const void* frame) {
  return walk_from(registers_of_caller(frame), false);
}

WalkedStack StackWalker::walk_interrupted(const FrameRegisters& registers) {
  return walk_from(registers, true);
}

MEMOIR_FAST_PATH WalkedStack StackWalker::walk_from(const FrameRegisters& start,
                                                    bool interrupted) {
  const bool starts_interrupted = interrupted;
  FrameRegisters registers = start;
  const std::uint64_t first_pc = registers.pc;
  remembering_ = false;
  pcs_ = nullptr;
  reader_.begin_walk();
  proven_link_ = 0;

  std::size_t n = 0;
  std::size_t candidates = memo_.size();
  for (;;) {
    candidates = memo_.skip_below(candidates, registers.sp);
    if (candidates > 0 && memo_.is_at(candidates - 1, registers, interrupted)) {
      const std::size_t still = memo_.verify(candidates - 1);
      if (MEMOIR_LIKELY(still == candidates)) break;
      candidates = still;
    }
    if (MEMOIR_UNLIKELY(n == kMaxWholeStack)) {
      return walk_both_ends(start, starts_interrupted);
    }
    WalkedFrame& frame = fresh_[n++];
    frame = {.pc = registers.pc,
             .sp = registers.sp,
             .bp = registers.bp,
             .interrupted = interrupted};
    const Step to = step(registers, frame);
    if (MEMOIR_LIKELY(to == Step::kCaller)) {
      interrupted = frame.is_signal_frame;
      continue;
    }
    if (to == Step::kBeyond) {
      memo_.truncate(0);
      return walk_by_libunwind(first_pc, n);
    }
    remembering_ = to == Step::kEnd;
    memo_.truncate(0);
    return {n, 0, 0};
  }
  if (MEMOIR_UNLIKELY(n + candidates > kMaxWholeStack)) {
    return walk_both_ends(start, starts_interrupted);
  }
  memo_.truncate(candidates);
  remembering_ = true;
  return {n, candidates, 0};
}

// A stack too deep to keep whole, walked without the memo.
WalkedStack StackWalker::walk_both_ends(FrameRegisters registers, bool interrupted) {
  const std::uint64_t first_pc = registers.pc;
  memo_.truncate(0);
  pcs_ = pc_buffer_;
  std::size_t n = 0;
  Step to = Step::kCaller;
  WalkedFrame frame{.interrupted = interrupted};
  while (to == Step::kCaller && n < kMostSteps) {
    // The first half is kept as it is, the rest goes round in the second half.
    pc_buffer_[n < kMaxWholeStack ? n : kHalf + (n - kHalf) % kHalf] = registers.pc;
    ++n;
    to = step(registers, frame);
    frame = {.interrupted = frame.is_signal_frame};
  }
  if (to == Step::kBeyond) return walk_by_libunwind(first_pc, n);
  return join_ends(n);
}

// `steps` addresses were written; those beyond the buffer went round in its second half.
WalkedStack StackWalker::join_ends(std::size_t steps) {
  if (steps <= kMaxWholeStack) return {steps, 0, 0};
  const std::size_t oldest = (steps - kHalf) % kHalf;
  // Rotate the second half so that it begins with its oldest address.
  const auto reverse = [this](std::size_t begin, std::size_t end) {
    while (begin + 1 < end) {
      --end;
      const std::uint64_t pc = pc_buffer_[begin];
      pc_buffer_[begin] = pc_buffer_[end];
      pc_buffer_[end] = pc;
      ++begin;
    }
  };
  reverse(kHalf, kHalf + oldest);
  reverse(kHalf + oldest, kMaxWholeStack);
  reverse(kHalf, kMaxWholeStack);
  return {kMaxWholeStack, 0, kHalf};
}

WalkedStack StackWalker::walk_by_libunwind(std::uint64_t first_pc, std::size_t walked) {
  const std::size_t size = walk_with_libunwind(first_pc, pc_buffer_, kMaxWholeStack);
  if (size > 0) {
    pcs_ = pc_buffer_;
    return {size, 0, 0};
  }
  // Without libunwind what was walked so far stands, down to the caller alone.
  if (walked > 0) return pcs_ == nullptr ? WalkedStack{walked, 0, 0} : join_ends(walked);
  pc_buffer_[0] = first_pc;
  pcs_ = pc_buffer_;
  return {1, 0, 0};
}

void StackWalker::forget_rules() {
  forget_stacks();
  rules_.clear();
}

}  // namespace memoir
