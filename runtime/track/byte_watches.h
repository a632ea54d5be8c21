#pragma once

// Breakpoints on bytes beside blocks of the heap, or in freed ones: that nobody should
// touch, and an earlier run has seen touched. Each stands for one block; the four there
// are go to whoever asks first, or is known to be the guilty one.
//
//   idle ──► changing ──► armed ──► idle        by whoever makes or frees the block
//                           └─► telling ──► idle   by the thread that touched the byte
//
// Invariants:
//  (1) Who moves a watch out of idle or armed (one atomic exchange) owns it, for a
//  moment. (2) What a signal says is believed only while the block is still that block:
//  what the
//      heap itself does to the bytes, and whoever gets the memory next, are not blamed.
//
// Thread safety and signals: any thread, also in the handler of the signal; no locks.

#include <cstdint>

#include "heap/checked_heap.h"
#include "track/breakpoints.h"

namespace memoir {

struct WatchedBytes {
  Place place;                 // of the block
  std::uint32_t number = 0;    // its own
  std::uintptr_t address = 0;  // of the bytes: a multiple of `bytes`
  std::uint32_t bytes = 0;
  bool is_freed = false;  // in the memory of a freed block
  bool on_reads = false;
  bool is_sure = false;  // of the very block that the earlier run blamed
};

// The bytes to watch for the sake of one: the widest that a breakpoint takes and that no
// live block has a part in. None (0 bytes) where it lies in a block, in a guard page, or
// elsewhere.
WatchedBytes find_watched_bytes(const CheckedHeap& heap, const Place& place,
                                std::uintptr_t address);

// Puts a breakpoint there, if one is idle, or stands for a block that is not sure.
void watch_bytes(const WatchedBytes& wanted);

// The block is about to be freed, or its memory used again.
void unwatch_block(const Place& place, std::uint32_t number);

// A signal of a breakpoint: what it stands for, if that is still so and it was touched.
// The breakpoint is the caller's then.
struct TouchedBytes {
  WatchedBytes watched;
  BlockView block;
  bool is_write = false;
  std::uintptr_t address = 0;  // the first byte that was changed, or is watched
};
bool find_touched_bytes(const CheckedHeap& heap, const BreakpointHit& hit,
                        TouchedBytes& touched);

// What was found was no fault: the breakpoint stays for what is to come.
void keep_watching(const BreakpointHit& hit);
// It was one: the breakpoint is cleared before anything else reads the bytes, and idle
// when all is told.
void clear_watch(const BreakpointHit& hit);
void end_watch(const BreakpointHit& hit);

// In a child of fork(): breakpoints of its own, on the same bytes.
void watch_again_after_fork();

}  // namespace memoir
