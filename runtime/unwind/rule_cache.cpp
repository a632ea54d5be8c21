#include "unwind/rule_cache.h"

#include <limits>

#include "unwind/eh_frame.h"

namespace memoir {
namespace {

constexpr std::int32_t kReturnAddressBytes = 8;

bool fits(std::int32_t offset) {
  return offset >= std::numeric_limits<std::int16_t>::min() &&
         offset <= std::numeric_limits<std::int16_t>::max();
}

FrameRule look_up(std::uint64_t pc) {
  if (can_find_frame_rules()) return find_frame_rule(pc);
  FrameRule rule;
  rule.pc = pc;
  rule.kind = RuleKind::kBeyond;
  return rule;
}

}  // namespace

bool RuleCache::is_plain(const FrameRule& rule) {
  const bool bp_is_plain =
      rule.bp_base == SlotBase::kSame ||
      (rule.bp_base == SlotBase::kCfa && rule.bp_offset < -kReturnAddressBytes);
  return rule.kind == RuleKind::kStep && rule.cfa_base == CfaBase::kSp &&
         rule.cfa_offset >= kReturnAddressBytes && rule.ra_base == SlotBase::kCfa &&
         rule.ra_offset == -kReturnAddressBytes && !rule.is_signal_frame && bp_is_plain;
}

FrameRule RuleCache::fill(Entry& entry, std::uint64_t pc) {
  const FrameRule rule = look_up(pc);
  if (pc > kPcBitsMask || !fits(rule.bp_offset) || !fits(rule.ra_offset)) return rule;
  // A module may be mapped here later.
  if (rule.kind == RuleKind::kNoInformation && !is_module_address(pc)) return rule;
  const auto at = [](auto value, unsigned shift) {
    return static_cast<std::uint64_t>(value) << shift;
  };
  entry.cfa_offset = rule.cfa_offset;
  entry.bp_offset = static_cast<std::int16_t>(rule.bp_offset);
  entry.ra_offset = static_cast<std::int16_t>(rule.ra_offset);
  if (is_plain(rule)) {
    entry.pc_and_kinds = pc | kPlain;
    if (rule.bp_base == SlotBase::kSame) entry.bp_offset = 0;
    return rule;
  }
  entry.pc_and_kinds = pc | at(rule.kind, kKindShift) | at(rule.cfa_base, kCfaShift) |
                       at(rule.bp_base, kBpShift) | at(rule.ra_base, kRaShift) |
                       at(rule.is_signal_frame, kSignalShift);
  return rule;
}

void RuleCache::clear() {
  for (Entry& entry : entries_) entry = {};
}

}  // namespace memoir
