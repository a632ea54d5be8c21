#pragma once

// A thread's frame rules by program counter. Direct mapped: a collision costs one lookup.
// Small entries, since the program needs the processor's caches for itself.
//
// Thread safety: one thread. A signal handler of the same thread must not use it while a
// lookup is under way; the tracker sees to that.

#include <cstddef>
#include <cstdint>

#include "base/compiler.h"
#include "unwind/frame_rule.h"

namespace memoir {

class RuleCache {
 public:
  MEMOIR_FAST_PATH FrameRule find(std::uint64_t pc) {
    Entry& entry = entry_of(pc);
    return MEMOIR_LIKELY(entry.is_of(pc)) ? unpack(entry) : fill(entry, pc);
  }

  // What nearly every frame comes down to: the caller's frame begins at the stack pointer
  // plus an offset, below it lies the return address, and the frame pointer is where it
  // was or in a slot of this frame.
  struct PlainRule {
    std::uint64_t cfa_offset;
    std::uint64_t bp_offset;  // from the caller's frame; 0: it is where it was
  };
  // False when the rule is not plain, or not in the cache.
  MEMOIR_FAST_PATH bool find_plain(std::uint64_t pc, PlainRule& rule) const {
    const Entry& entry = entries_[place_of(pc)];
    if (MEMOIR_UNLIKELY(entry.pc_and_kinds != (pc | kPlain))) return false;
    rule = {static_cast<std::uint64_t>(std::int64_t{entry.cfa_offset}),
            static_cast<std::uint64_t>(std::int64_t{entry.bp_offset})};
    return true;
  }

  // Forgets everything: a module was unloaded.
  void clear();

 private:
  // A rule whose offsets fit; what does not is looked up each time.
  struct Entry {
    std::uint64_t pc_and_kinds = 0;
    std::int32_t cfa_offset = 0;
    std::int16_t bp_offset = 0;
    std::int16_t ra_offset = 0;

    bool is_of(std::uint64_t pc) const { return (pc_and_kinds & kPcBitsMask) == pc; }
  };
  static_assert(sizeof(Entry) == 16);
  static constexpr unsigned kEntriesLog2 = 13;
  static constexpr unsigned kKindShift = 48;  // user space addresses have 47 bits
  static constexpr unsigned kCfaShift = 51;
  static constexpr unsigned kBpShift = 53;
  static constexpr unsigned kRaShift = 55;
  static constexpr unsigned kSignalShift = 57;
  static constexpr std::uint64_t kPcBitsMask = (std::uint64_t{1} << kKindShift) - 1;
  // Stands alone for everything a plain rule is; the other bits are then 0.
  static constexpr std::uint64_t kPlain = std::uint64_t{1} << 58;

  static std::size_t place_of(std::uint64_t pc) {
    return pc * 0x9e3779b97f4a7c15 >> (64 - kEntriesLog2);
  }
  Entry& entry_of(std::uint64_t pc) { return entries_[place_of(pc)]; }
  static bool is_plain(const FrameRule& rule);

  MEMOIR_FAST_PATH static FrameRule unpack(const Entry& entry) {
    const std::uint64_t word = entry.pc_and_kinds;
    FrameRule rule;
    rule.pc = word & kPcBitsMask;
    rule.cfa_offset = entry.cfa_offset;
    rule.bp_offset = entry.bp_offset;
    rule.ra_offset = entry.ra_offset;
    if ((word & kPlain) != 0) {
      rule.kind = RuleKind::kStep;
      rule.bp_base = entry.bp_offset == 0 ? SlotBase::kSame : SlotBase::kCfa;
      return rule;
    }
    rule.kind = static_cast<RuleKind>(word >> kKindShift & 7);
    rule.cfa_base = static_cast<CfaBase>(word >> kCfaShift & 3);
    rule.bp_base = static_cast<SlotBase>(word >> kBpShift & 3);
    rule.ra_base = static_cast<SlotBase>(word >> kRaShift & 3);
    rule.is_signal_frame = (word >> kSignalShift & 1) != 0;
    return rule;
  }
  MEMOIR_SLOW_PATH static FrameRule fill(Entry& entry, std::uint64_t pc);

  Entry entries_[std::size_t{1} << kEntriesLog2];
};

}  // namespace memoir
