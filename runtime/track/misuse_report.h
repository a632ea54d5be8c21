#pragma once

// Reports of calls to an allocator that cannot be meant: blocks that are given back
// wrongly, and sizes and alignments that no block can have.
//
// Thread safety: any thread; not inside the heap. `frame` is that of the interposer.

#include <cstddef>
#include <cstdint>

#include "base/allocation_api.h"
#include "base/fault_kind.h"
#include "base/stack_node.h"
#include "heap/checked_heap.h"

namespace memoir {

// A block that is given back, as the caller says it is.
struct Release {
  Api api = Api::kUnknown;
  const void* block = nullptr;
  std::size_t size = 0;
  std::uint8_t alignment_log2 = 0;
};

// An address that no live block begins at was given back: an invalid or a double free.
void refuse_free(const Place& place, Api api, const void* block, const void* frame);

// A block was given back to another function, or as another one, than it came from.
void report_mismatch(FaultKind kind, const BlockView& view, const Release& release,
                     StackNodeId stack, const void* frame);

// An allocation whose size or alignment cannot be meant.
void report_bad_size(Api api, std::size_t size, const void* frame);
void report_bad_alignment(Api api, std::size_t alignment, const void* frame);

}  // namespace memoir
