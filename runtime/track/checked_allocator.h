#pragma once

// Allocation in check mode: the checked heap serves the program, and what happens is
// recorded and verified on the way.
//
// `frame` is the frame address of the function the program called, as in tracker.h.
//
// Thread safety and signals: any thread, also from a signal handler that interrupted one
// of these. Errors: as malloc and its family have them, errno included.

#include <cstddef>
#include <cstdint>

#include "base/allocation_api.h"
#include "base/compiler.h"
#include "heap/checked_heap.h"
#include "unwind/frame_rule.h"

namespace memoir {

// Whether the checked heap serves this process. Constant once the first allocation has
// been made.
extern constinit bool g_serves_blocks;
MEMOIR_FAST_PATH bool serves_blocks() { return MEMOIR_UNLIKELY(g_serves_blocks); }

// Reads the options and starts the heap, if they ask for it. Called once, before the
// first block is handed out. In a process that has more privileges than its user nothing
// is checked.
void start_checking();

// What a forked child does before anything of the program. One function; in the process
// that forks first.
void call_in_forked_child(void (*function)());

// A block; nullptr and ENOMEM when there is none. `alignment_log2` 0 is malloc's.
void* checked_alloc(Api api, std::size_t size, std::uint8_t alignment_log2, bool zero,
                    const void* frame);

// Takes a block back. What `api` claims of it: 0 and kNoAlignment for nothing. False when
// the address is nothing of the heap's; then nothing has been done.
bool checked_free(Api api, void* block, std::size_t claimed_size,
                  std::uint8_t claimed_alignment_log2, const void* frame);

// realloc() of a block that is not null. False when it is nothing of the heap's.
bool checked_realloc(Api api, void* block, std::size_t size, void*& moved,
                     const void* frame);

// The size the block was asked for with. False when it is nothing of the heap's.
bool checked_size(const void* block, std::size_t& size);

// Verifies every block of the process, and reports what is damaged. The stack is that of
// the caller of `frame`, or of what a signal interrupted.
void check_all_blocks(const void* frame);
void check_all_blocks(const FrameRegisters& interrupted);

// How much address space the process may have in all.
std::uint64_t address_space_limit();

// The heap, for those who diagnose addresses.
CheckedHeap& checked_heap();

}  // namespace memoir
