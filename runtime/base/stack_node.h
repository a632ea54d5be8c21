#pragma once

// One node of the stack depot: a frame, and the stack that called it. The walker writes
// them (unwind), the wire carries them, the collector reads them.

#include <cstdint>
#include <type_traits>

namespace memoir {

// Number of a node: names the whole stack from it to the outermost frame.
using StackNodeId = std::uint32_t;

inline constexpr StackNodeId kNoStack = 0;  // the parent of outermost frames
// A stack that could not be walked, because a signal handler interrupted a walk.
inline constexpr StackNodeId kInterruptedStack = 1;
inline constexpr StackNodeId kFirstStackNode = 2;

// In place of an address: stands for frames left out of a stack too deep to keep whole.
inline constexpr std::uint64_t kGapPc = 1;

// Number of bits of a program counter; the bits above tell apart modules that were mapped
// at the same address one after the other.
inline constexpr unsigned kPcBits = 48;
inline constexpr std::uint64_t kPcMask = (std::uint64_t{1} << kPcBits) - 1;

struct StackNode {
  std::uint64_t pc_and_tenant = 0;  // return address | tenant of that address << kPcBits
  StackNodeId parent = kNoStack;    // always smaller than the node's own id
  StackNodeId next = 0;             // chain of the hash bucket
};

static_assert(std::is_trivially_copyable_v<StackNode>);
static_assert(sizeof(StackNode) == 16, "layout changed: raise kWireVersion");

}  // namespace memoir
