#pragma once

// The slots a thread has at hand, and the blocks it freed last.
//
// Thread safety: one thread at a time. Valid when all zero.

#include <cstdint>

#include "heap/guard_policy.h"
#include "heap/size_class.h"
#include "heap/slot_batch.h"

namespace memoir {

struct ThreadCache {
  SlotBatch* free[kSizeClasses] = {};
  SlotBatch* freed = nullptr;  // on their way into the quarantine
  // Numbers for the blocks this thread will make.
  std::uint32_t next_number = 0;
  std::uint32_t last_number = 0;
  GuardDraws guard_draws;
};

}  // namespace memoir
