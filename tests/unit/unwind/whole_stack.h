#pragma once

// What tests of the walker share.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "unwind/stack_walker.h"

namespace memoir {

// The whole stack that a walk found, innermost first, remembered for the next walk as the
// runtime does.
inline std::vector<std::uint64_t> remember_all(StackWalker& walker,
                                               const WalkedStack& walked) {
  std::vector<std::uint64_t> pcs;
  for (std::size_t i = 0; i < walked.fresh; ++i) pcs.push_back(walker.fresh_pc(i));
  for (std::size_t i = walked.remembered; i-- > 0;)
    pcs.push_back(walker.remembered_pc(i));
  for (std::size_t i = walked.fresh; i-- > 0;) walker.remember(i, kNoStack);
  return pcs;
}

// Keeps the compiler from dropping a variable, or a call from being a tail call.
inline void keep(const volatile void* variable) {
  __asm__ volatile("" : : "r"(variable) : "memory");
}

}  // namespace memoir
