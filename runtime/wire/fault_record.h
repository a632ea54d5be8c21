#pragma once

// What the program's side tells of a memory error: everything that only it can know, at
// the moment of the error. A record lies in the session's text area, and an event
// (kFault) says where.
//
// The collector distrusts every field: the program may have written over it.

#include <cstdint>
#include <type_traits>

#include "base/allocation_api.h"
#include "base/fault_kind.h"
#include "base/stack_node.h"

namespace memoir {

inline constexpr std::uint32_t kFaultDumpBytes = 96;

// FaultRecord::flags.
inline constexpr std::uint8_t kFaultFoundLate = 1;  // some time after it was done
inline constexpr std::uint8_t kFaultByGuard = 2;    // a guard page was touched
inline constexpr std::uint8_t kFaultInLibrary = 4;  // seen in the arguments of `function`
inline constexpr std::uint8_t kFaultPinned = 8;     // the block was guarded by --pin
// Late, and by looking at everything because the program ends.
inline constexpr std::uint8_t kFaultFoundAtEnd = 32;
// The address was made of what the heap fills memory with, by kind: freed or fresh.
inline constexpr std::uint8_t kFaultFillPattern = 16;

// The parts of FaultRecord::pool_text, in this order, with a NUL after each.
enum PoolTextPart : std::uint8_t {
  kPoolFaultText,
  kPoolKind,
  kPoolName,
  kWhereFile,
  kWhereFunction,
  kAllocFile,
  kAllocFunction,
  kFreeFile,
  kFreeFunction,
  kPoolTextParts
};

struct FaultRecord {
  std::uint32_t bytes = sizeof(FaultRecord);
  FaultKind kind = FaultKind::kNone;
  FaultAccess access = FaultAccess::kUnknown;
  MemoryPlace place = MemoryPlace::kUnknown;
  std::uint8_t flags = 0;
  // The address that was used, or the first byte that was found damaged; and how many
  // bytes: 0 where it is not known.
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  // The nearest block, where place is kBlock: first byte, size, and a number that no
  // other block of this process has.
  std::uint64_t block = 0;
  std::uint64_t block_size = 0;
  std::uint64_t block_number = 0;
  // Of the access or the discovery.
  StackNodeId stack = kNoStack;
  std::uint32_t thread = 0;
  // Of the block.
  StackNodeId alloc_stack = kNoStack;
  std::uint32_t alloc_thread = 0;
  StackNodeId free_stack = kNoStack;  // kNoStack: not freed
  std::uint32_t free_thread = 0;
  Api alloc_api = Api::kUnknown;
  Api free_api = Api::kUnknown;     // that freed the block, or tried to
  std::uint8_t alignment_log2 = 0;  // of the block
  std::uint8_t block_is_live = 0;
  // For late finds: which of the block's bytes are damaged at most, beginning with
  // `address`; and when it was last seen whole (0: when it was made).
  std::uint32_t damaged = 0;
  std::uint64_t whole_at = 0;
  // What the caller claimed: the size or alignment of a deallocation or an allocation;
  // for memory_overlap the begin of the other range; for double_free the Api that freed
  // the block before.
  std::uint64_t claimed = 0;
  // The library function whose arguments were wrong: a text of the session, 0 for none.
  std::uint64_t function = 0;
  // Of the use of a pool: its number, if it has one; a text of the session with what is
  // said of it (pool_text), 0 for other errors; and the lines of its places.
  std::uint64_t pool_text = 0;
  std::uint32_t pool = 0;
  std::uint32_t where_line = 0;
  std::uint32_t alloc_line = 0;
  std::uint32_t free_line = 0;
  // The memory around, as it was found.
  std::uint64_t dump_address = 0;
  std::uint32_t dump_bytes = 0;
  // Which of the allocations with this stack and size it was, from 1; for --pin.
  std::uint32_t ordinal = 0;
  std::uint8_t dump[kFaultDumpBytes] = {};
};

static_assert(std::is_trivially_copyable_v<FaultRecord>);
static_assert(sizeof(FaultRecord) == 240, "layout changed: raise kWireVersion");

}  // namespace memoir
