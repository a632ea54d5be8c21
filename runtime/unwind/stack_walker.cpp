#include "unwind/stack_walker.h"

#include <cstring>

#include "unwind/eh_frame.h"
#include "unwind/libunwind_fallback.h"

namespace memoir {
namespace {

constexpr std::size_t kHalf = kMaxWholeStack / 2;
// No stack has more frames than this; a walk that does is going round in circles.
constexpr std::size_t kMostSteps = std::size_t{1} << 24;

}  // namespace

bool StackWalker::step(const FrameRule& rule, FrameRegisters& registers) const {
  std::uint64_t cfa = rule.cfa_base == CfaBase::kSp || rule.cfa_base == CfaBase::kSpLoad
                          ? registers.sp
                          : registers.bp;
  cfa += static_cast<std::uint64_t>(std::int64_t{rule.cfa_offset});
  if (rule.cfa_base == CfaBase::kSpLoad || rule.cfa_base == CfaBase::kBpLoad) {
    if (!read_word(cfa, registers.sp, cfa)) return false;
  }
  // Stacks grow down: only a signal frame may lead to another stack.
  if (cfa <= registers.sp && !rule.is_signal_frame) return false;
  const auto slot = [&](SlotBase base, std::int32_t offset) {
    const std::uint64_t from = base == SlotBase::kCfa  ? cfa
                               : base == SlotBase::kSp ? registers.sp
                                                       : registers.bp;
    return from + static_cast<std::uint64_t>(std::int64_t{offset});
  };
  std::uint64_t pc = 0;
  if (!read_word(slot(rule.ra_base, rule.ra_offset), registers.sp, pc)) return false;
  std::uint64_t bp = registers.bp;
  if (rule.bp_base != SlotBase::kSame &&
      !read_word(slot(rule.bp_base, rule.bp_offset), registers.sp, bp)) {
    return false;
  }
  registers = {pc, cfa, bp};
  return true;
}

// Code without call frame information (hand-written assembly, generated code): its caller
// is taken from the frame pointer where that leads to code of a module, up the same
// stack.
bool StackWalker::step_by_frame_pointer(FrameRegisters& registers) const {
  const std::uint64_t frame = registers.bp;
  if (frame < registers.sp || frame % 8 != 0) return false;
  if (!bounds_.contains(registers.sp, 8) || !bounds_.contains(frame, 16)) return false;
  // The frame pointer may hold anything: even inside the bounds nothing need be mapped.
  std::uint64_t words[2] = {};
  if (read_carefully(frame, words, sizeof words) != CarefulRead::kRead) return false;
  const std::uint64_t bp = words[0];
  const std::uint64_t pc = words[1];
  if (!is_module_address(pc)) return false;
  registers = {pc, frame + 16, bp};
  return true;
}

WalkedStack StackWalker::walk(const void* frame) {
  const auto* words = static_cast<const std::uint64_t*>(frame);
  FrameRegisters registers{words[1], reinterpret_cast<std::uint64_t>(words + 2),
                           words[0]};
  const std::uint64_t first_pc = registers.pc;
  if (MEMOIR_UNLIKELY(!can_find_frame_rules())) return walk_by_libunwind(first_pc, 0);

  std::uint64_t before_call = 1;  // a return address lies behind its call
  std::size_t n = 0;
  while (registers.pc != 0 && n < kMostSteps) {
    // The first half is kept as it is, the rest goes round in the second half.
    pcs_[n < kMaxWholeStack ? n : kHalf + (n - kHalf) % kHalf] = registers.pc;
    ++n;
    const FrameRule& rule = rules_.find(registers.pc - before_call);
    before_call = rule.is_signal_frame ? 0 : 1;
    if (MEMOIR_LIKELY(rule.kind == RuleKind::kStep)) {
      if (!step(rule, registers)) break;
    } else if (rule.kind == RuleKind::kNoInformation) {
      if (!step_by_frame_pointer(registers)) break;
    } else if (rule.kind == RuleKind::kBeyond) {
      return walk_by_libunwind(first_pc, n);
    } else {
      break;
    }
  }
  return join_ends(n);
}

// `steps` addresses were written; those beyond the buffer went round in its second half.
WalkedStack StackWalker::join_ends(std::size_t steps) {
  if (steps <= kMaxWholeStack) return {steps, 0};
  const std::size_t oldest = (steps - kHalf) % kHalf;
  // Rotate the second half so that it begins with its oldest address.
  const auto reverse = [this](std::size_t begin, std::size_t end) {
    while (begin + 1 < end) {
      --end;
      const std::uint64_t pc = pcs_[begin];
      pcs_[begin] = pcs_[end];
      pcs_[end] = pc;
      ++begin;
    }
  };
  reverse(kHalf, kHalf + oldest);
  reverse(kHalf + oldest, kMaxWholeStack);
  reverse(kHalf, kMaxWholeStack);
  return {kMaxWholeStack, kHalf};
}

WalkedStack StackWalker::walk_by_libunwind(std::uint64_t first_pc, std::size_t walked) {
  const std::size_t size = walk_with_libunwind(first_pc, pcs_, kMaxWholeStack);
  if (size > 0) return {size, 0};
  // Without libunwind what was walked so far stands, down to the caller alone.
  if (walked == 0) pcs_[0] = first_pc;
  return join_ends(walked == 0 ? 1 : walked);
}

void StackWalker::forget_rules() { rules_.clear(); }

}  // namespace memoir
