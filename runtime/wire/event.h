#pragma once

// The records that go from the traced program to the collector. One record is 32 bytes;
// kinds that need more take two, the second of kind kMore. docs/wire_format.md tells what
// each field means for each kind.
//
// The collector distrusts every byte: a program may scribble over its own rings.

#include <cstdint>
#include <type_traits>

#include "base/allocation_api.h"
#include "base/stack_node.h"

namespace memoir {

inline constexpr std::uint32_t kWireVersion = 9;

enum class EventKind : std::uint8_t {
  kNone = 0,   // a slot that was given up; skipped
  kMore = 1,   // second half of the event before it
  kAlloc = 2,  // address, size; taken after the block was made
  kFree = 3,  // address; taken before the block is given back; size: what the caller said
  kRealloc = 4,  // two: new address, size, time after | old address, time before
  kMap = 5,      // address, size
  kUnmap = 6,    // address, size
  kRemap = 7,  // two: new address, size, time after | old address, old size, time before
  kModuleLoad = 8,     // two: bias, path | begin, end, build id
  kModuleUnload = 9,   // begin, end
  kThreadStart = 10,   // stack: thread number; address: tid; size: name
  kThreadSwitch = 11,  // stack: thread number. Whose events follow on a shared ring
  kThreadName = 12,    // size: name
  kThreadExit = 13,
  kProcessExit = 14,  // address: exit status
  kExec = 15,         // address: 1 before an exec, 0 after one that failed
  kMark = 16,         // size: name
  kFault = 17,  // address: the FaultRecord, as a text of the session; size: its number
  kFaultAgain = 18,  // size: the number of an earlier fault that was met again
  kFailure = 19,     // size: bytes asked for, of an allocation that was made to fail
  // Of pools; see pool_word() for what `size` is.
  kPoolCreate = 20,   // address: the parent; size: pool and kind
  kPoolName = 21,     // address: the name; size: pool
  kPoolAlloc = 22,    // address; size: pool and bytes; taken after the block was made
  kPoolFree = 23,     // address; size: pool; taken before the block is given back
  kPoolReset = 24,    // size: pool; all its blocks are free
  kPoolDestroy = 25,  // size: pool
  kPoolBacking = 26,  // address: a block that holds the pool's; size: pool
  kPoolEvent = 27,    // two; api: its kind, as memoir/pool_event.inc numbers them.
                      // address, size: pool and bytes | amount, place and line, detail
                      // and count; see text_word()
};

constexpr bool is_of_pool(EventKind kind) {
  return kind >= EventKind::kPoolCreate && kind <= EventKind::kPoolEvent;
}

// A pool and a number of bytes in one word. What is more is cut.
inline constexpr std::uint32_t kMostPools = 0xffffff;
inline constexpr std::uint64_t kMostPoolBytes = (std::uint64_t{1} << 40) - 1;
constexpr std::uint64_t pool_word(std::uint32_t pool, std::uint64_t bytes) {
  return std::uint64_t{pool} << 40 | (bytes < kMostPoolBytes ? bytes : kMostPoolBytes);
}
constexpr std::uint32_t pool_of(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 40);
}
constexpr std::uint64_t pool_bytes(std::uint64_t word) { return word & kMostPoolBytes; }

// A slot of a ring, and half or whole an event.
//
// `meta` is written last, with release order: kind | api << 8 | alignment_log2 << 16 |
// lap << 24 | stack << 32. The lap (1..128, 0 never) tells a reader whether the slot has
// been written in this round of the ring.
struct EventSlot {
  std::uint64_t meta = 0;
  std::uint64_t time = 0;  // ticks of the session's clock
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

static_assert(std::is_trivially_copyable_v<EventSlot>);
static_assert(sizeof(EventSlot) == 32, "layout changed: raise kWireVersion");

// An event as both sides handle it; `more` counts for two-slot kinds only.
struct Event {
  EventKind kind = EventKind::kNone;
  Api api = Api::kUnknown;
  std::uint8_t alignment_log2 = 0;
  StackNodeId stack = kNoStack;
  std::uint64_t time = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint64_t more_time = 0;
  std::uint64_t more_address = 0;
  std::uint64_t more_size = 0;
};

constexpr bool takes_two_slots(EventKind kind) {
  return kind == EventKind::kRealloc || kind == EventKind::kRemap ||
         kind == EventKind::kModuleLoad || kind == EventKind::kPoolEvent;
}

constexpr std::uint64_t pack_meta(EventKind kind, Api api, std::uint8_t alignment_log2,
                                  std::uint8_t lap, StackNodeId stack) {
  return static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(api) << 8 |
         static_cast<std::uint64_t>(alignment_log2) << 16 |
         static_cast<std::uint64_t>(lap) << 24 | static_cast<std::uint64_t>(stack) << 32;
}
constexpr EventKind meta_kind(std::uint64_t meta) {
  return static_cast<EventKind>(meta & 0xff);
}
constexpr Api meta_api(std::uint64_t meta) { return static_cast<Api>(meta >> 8 & 0xff); }
constexpr std::uint8_t meta_alignment_log2(std::uint64_t meta) {
  return static_cast<std::uint8_t>(meta >> 16);
}
constexpr std::uint8_t meta_lap(std::uint64_t meta) {
  return static_cast<std::uint8_t>(meta >> 24);
}
constexpr StackNodeId meta_stack(std::uint64_t meta) {
  return static_cast<StackNodeId>(meta >> 32);
}

// Where a text lies in the session's text area: offset | length << 32. 0 is none.
using TextRef = std::uint64_t;

// A text of less than 256 bytes and a number in one word. What is more is cut.
inline constexpr std::uint64_t kMostTextNumber = 0xffffff;
constexpr std::uint64_t text_word(TextRef text, std::uint64_t number) {
  return (number < kMostTextNumber ? number : kMostTextNumber) << 40 |
         (text & 0xff'ffff'ffff);
}
constexpr TextRef text_of(std::uint64_t word) { return word & 0xff'ffff'ffff; }
constexpr std::uint64_t text_number(std::uint64_t word) { return word >> 40; }

}  // namespace memoir
