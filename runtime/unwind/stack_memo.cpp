#include "unwind/stack_memo.h"

namespace memoir {

std::size_t StackMemo::frame_of_word(std::size_t i, std::size_t word) const {
  while (i > 0 && frames_[i - 1].words_end > word) --i;
  return i;
}

bool StackMemo::push(const WalkedFrame& walked, StackNodeId node) {
  if (!walked.repeatable || size_ == kMaxWholeStack || walked.pc > kPcMask) return false;
  const bool is_outermost = size_ == 0;
  const Frame* outer = is_outermost ? nullptr : &frames_[size_ - 1];
  // Frames are looked for by their stack pointers: these must be in order.
  if (!is_outermost && walked.sp >= outer->sp) return false;
  const bool outer_bp_matters = !is_outermost && (outer->key & kBpMatters) != 0;

  std::uint32_t words_end = is_outermost ? 0 : outer->words_end;
  if (words_end + 3 > kMostWords) return false;
  const auto add_word = [&](std::uint64_t slot, std::uint64_t value) {
    if (slot == 0) return;
    words_[words_end++] = {reinterpret_cast<const std::uint64_t*>(slot), value};
  };
  add_word(walked.pc_slot, is_outermost ? 0 : outer->key & kPcMask);
  add_word(walked.sp_slot, walked.caller_sp);
  if (outer_bp_matters) add_word(walked.bp_slot, outer->bp);

  const bool bp_matters = walked.by_bp || (walked.bp_slot == 0 && outer_bp_matters);
  frames_[size_] = {
      make_key(walked.pc, walked.interrupted) | (bp_matters ? kBpMatters : 0), walked.sp,
      walked.bp, words_end, node};
  truncate(size_ + 1);
  return true;
}

}  // namespace memoir
