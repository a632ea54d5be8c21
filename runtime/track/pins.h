#pragma once

// What an earlier run blames, as `memoir run --pin` hands it over: blocks of which call
// sites, of what size, the how-manieth of them, and which byte. All blocks of such a site
// are guarded on the guilty side; where no guard page comes so close to the byte, a
// breakpoint stands on it. The block of the same number is sure of both; without it, or
// until it comes, others have what there is.
//
//   pin:  site, side 'l' or 'r' . size . ordinal . offset . 'w' or 'r'     in hexadecimal
//
// Thread safety: set_pins() once, the others from any thread.

#include <cstdint>

#include "heap/checked_heap.h"

namespace memoir {

// Whether anything is pinned. Constant once the first block was guarded.
extern constinit bool g_has_pins;

// Reads the environment. Before the heap's guards start.
void set_pins();

// CheckedHeap::allocate() and release() where something is pinned.
void* make_pinned_block(const BlockRequest& request, ThreadCache& cache,
                        Findings& findings);
void release_pinned_block(const Place& place, Api api, StackNodeId stack,
                          std::uint32_t thread, ThreadCache& cache, Findings& findings);

}  // namespace memoir
