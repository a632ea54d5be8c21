#pragma once

// What can be wrong with what a program does to its memory: known on the wire, in traces
// and in reports.

#include <cstdint>

namespace memoir {

enum class FaultKind : std::uint8_t {
  kNone = 0,
#define MEMOIR_FAULT(enumerator, number, name, title) enumerator = number,
#include "base/fault_kind.inc"
#undef MEMOIR_FAULT
};

// What a report calls it. Thread safety: pure.
constexpr const char* fault_title(FaultKind kind) {
  switch (kind) {
#define MEMOIR_FAULT(enumerator, number, name, title) \
  case FaultKind::enumerator:                         \
    return title;
#include "base/fault_kind.inc"
#undef MEMOIR_FAULT
    case FaultKind::kNone:
      break;
  }
  return "memory error";
}

// What the program was doing. kUnknown: damage that was found later.
enum class FaultAccess : std::uint8_t { kUnknown = 0, kRead = 1, kWrite = 2, kFree = 3 };

// What an address that is no block of the heap belongs to.
enum class MemoryPlace : std::uint8_t {
  kUnknown = 0,
  kBlock = 1,         // one of the heap's blocks, inside or beside it
  kStack = 2,         // the stack of the thread that used the address
  kGlobal = 3,        // static storage of a module
  kMapping = 4,       // something else that is mapped
  kUnmapped = 5,      // nothing
  kRealAllocator = 6  // a block of the allocator the program would use without Memoir
};

}  // namespace memoir
