#include "unwind/rule_cache.h"

#include "unwind/eh_frame.h"

namespace memoir {

void RuleCache::fill(FrameRule& entry, std::uint64_t pc) {
  if (!can_find_frame_rules()) {
    entry = {.pc = pc, .kind = RuleKind::kBeyond};
    return;
  }
  entry = find_frame_rule(pc);
  // A module may be mapped here later.
  if (entry.kind == RuleKind::kNoInformation && !is_module_address(pc)) entry.pc = 0;
}

void RuleCache::clear() {
  for (FrameRule& entry : entries_) entry = {};
}

}  // namespace memoir
