#pragma once

// What evidence means. Pure: looks at nothing but its arguments, so that it can run in a
// signal handler and in a unit test on made-up addresses.

#include <cstddef>
#include <cstdint>

#include "base/allocation_api.h"
#include "base/fault_kind.h"
#include "base/stack_node.h"

namespace memoir {

// A block as reports see it: a copy of what the heap knew at one moment.
struct BlockView {
  std::uintptr_t begin = 0;
  std::uint64_t size = 0;
  std::uint32_t number = 0;
  Api alloc_api = Api::kUnknown;
  Api free_api = Api::kUnknown;
  std::uint8_t alignment_log2 = 0;
  bool live = false;
  bool seen_whole = false;  // by the last sweep
  StackNodeId alloc_stack = kNoStack;
  std::uint32_t alloc_thread = 0;
  StackNodeId free_stack = kNoStack;
  std::uint32_t free_thread = 0;

  std::uintptr_t end() const { return begin + size; }
};

// The memory that handed a block out, and what takes it back.
enum class ApiFamily : std::uint8_t { kMalloc, kNew, kNewArray, kUnknown };
ApiFamily family_of(Api api);

// What is wrong with giving a block back through `api`, claiming a size and an alignment
// (log2); 0 and 255 where nothing is claimed. kNone when nothing is.
FaultKind diagnose_release(const BlockView& block, Api api, std::uint64_t claimed_size,
                           std::uint8_t claimed_alignment_log2);
inline constexpr std::uint8_t kNoAlignment = 255;

// What is wrong with touching [address, address + size) beside or inside a block. kNone
// when nothing is.
FaultKind diagnose_access(const BlockView& nearest, std::uintptr_t address,
                          std::uint64_t size);

}  // namespace memoir
