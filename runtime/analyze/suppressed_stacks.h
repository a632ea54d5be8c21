#pragma once

// Which stacks of a trace rules silence, each frame being asked about once.
//
// Thread safety: immutable.

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyze/stack_store.h"
#include "analyze/suppressions.h"

namespace memoir {

class SuppressedStacks {
 public:
  SuppressedStacks() = default;
  // The rules of one kind.
  SuppressedStacks(const StackStore& stacks, const Suppressions& rules,
                   std::string_view kind);

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // The first of the rules that matches a frame of the stack, by its number.
  std::uint32_t rule(TraceStackId stack) const {
    return stack.value < rules_.size() ? rules_[stack.value] : kNone;
  }

 private:
  std::vector<std::uint32_t> rules_;  // by stack; empty where nothing is silenced
};

}  // namespace memoir
