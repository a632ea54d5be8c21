#pragma once

// What the interposers say to the runtime: one verb for each thing that can happen to
// memory. Each turns into one event of the calling thread; nothing here calls back into
// the allocator.
//
// `frame` is the frame address (__builtin_frame_address(0)) of the function the program
// called: stacks begin at its caller.
//
// Thread safety and signals: every function from any thread, also from a signal handler
// that interrupted one of them: its stack is then not walked. errno is preserved. All do
// nothing while the process does not record.

#include <cstddef>
#include <cstdint>

#include "base/allocation_api.h"
#include "unwind/frame_rule.h"

namespace memoir {

// Starts recording if it has not begun yet, and in a forked child. track_alloc() does it
// by itself. Allocates: call it where the allocator may be called.
void track_start();

// This process never records: another runtime in it does. Before anything else.
void track_stand_aside();

// The session's clock for a "before" time; 0 while the process does not record.
std::uint64_t track_now();

// A block was made. Call after the allocator handed it out.
void track_alloc(Api api, const void* block, std::size_t size,
                 std::uint8_t alignment_log2, const void* frame);

// A block will be given back. Call before the allocator gets it. `size` is what the
// caller claims it to be, 0 where it claims nothing.
void track_free(Api api, const void* block, std::size_t size, const void* frame);

// realloc() moved or resized a block; `before` is track_now() from before the call. Where
// `block` is null, the old block was freed and nothing came in its place.
void track_realloc(Api api, const void* old_block, std::uint64_t before,
                   const void* block, std::size_t size, const void* frame);

// Mappings and the program break, after the kernel agreed. The caller may be an allocator
// that holds its own locks: these never allocate, and never start recording.
void track_map(Api api, const void* address, std::size_t size, const void* frame);
void track_unmap(Api api, const void* address, std::size_t size, std::uint64_t before,
                 const void* frame);
void track_remap(const void* old_address, std::size_t old_size, std::uint64_t before,
                 const void* address, std::size_t size, const void* frame);

// Around a call that may unload modules.
void track_before_unload();
void track_after_unload();

// The calling thread has a new name.
void track_thread_name();

// The calling thread is about to share its thread-locals with another task, which runs
// beside it: from now on both write where there is a lock.
void track_clone();

// The process is about to end with this status (as it would be given to exit()).
void track_exit(int status);

// The process is about to end by abort(), which may yet call a handler; by a signal that
// interrupted it with these registers.
void track_abort();
void check_blocks_at_signal(const FrameRegisters& interrupted);

// The process is about to be replaced by another program; it was not, after all.
void track_before_exec();
void track_after_failed_exec();

}  // namespace memoir
