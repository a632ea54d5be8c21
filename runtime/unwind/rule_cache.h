#pragma once

// A thread's frame rules by program counter. Direct mapped: a collision costs one lookup.
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
  static constexpr std::size_t kEntries = 4096;

  MEMOIR_FAST_PATH const FrameRule& find(std::uint64_t pc) {
    FrameRule& entry = entries_[(pc * 0x9e3779b97f4a7c15) >> 52];
    if (MEMOIR_UNLIKELY(entry.pc != pc)) fill(entry, pc);
    return entry;
  }

  // Forgets everything: a module was unloaded.
  void clear();

 private:
  MEMOIR_SLOW_PATH static void fill(FrameRule& entry, std::uint64_t pc);

  FrameRule entries_[kEntries];
};

static_assert(RuleCache::kEntries == std::size_t{1} << (64 - 52));

}  // namespace memoir
