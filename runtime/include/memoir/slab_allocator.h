#pragma once

// Small blocks side by side in chunks: no header of malloc's on each, neighbours close
// together, and one request to the allocator below for many.
//
// Blocks of up to 32 KiB; what is larger, or aligned to more than 16, comes from `base`,
// and goes back there by its buffer or deallocate(); free() does not know it.
// Chunks go back to `base` when nothing in them is used and clear() or trim() is called.
// Neighbours in a chunk are told apart: a write that runs into the next slot is found.
// `base` lives as long as the allocator; blocks may come back later.
//
// Complexity: O(1), as memory_pool; clear() and trim() look at all chunks.
// Thread safety: any thread, but for the making and the ending.
// Errors: those of memory_pool.
// Findings: bad_size, size_overflow (allocate()), double_return, invalid_free,
// foreign_return, alloc_dealloc_mismatch (deallocate() with another size),
// use_after_return, stale_handle (a buffer whose block was freed by its address and
// handed out again), pool_overflow, over_retention, pool_destroyed_with_live_blocks
// Design: ZiggyAlloc's SlabAllocator, which searches its slabs for a slot, and never
// gives one back.

#include <cstddef>
#include <memory>

#include "memoir/detail/pooled_allocator.h"
#include "memoir/detail/slab_source.h"

MEMOIR_BEGIN

class slab_allocator final : public detail::pooled_allocator {
 public:
  static constexpr std::size_t kLargest = std::size_t{32} << 10;

  // Gets its first chunk when it is needed.
  explicit slab_allocator(allocator& base, site where = site::current())
      : pooled_allocator{*new detail::pooled_core(
                             "slab_allocator", options(),
                             std::make_unique<detail::slab_source>(
                                 std::make_unique<detail::allocator_source>(base)),
                             where, &base.core().watch()),
                         &base, kLargest} {}

 private:
  static detail::recycler_options options() {
    detail::recycler_options all;
    all.max_idle = std::numeric_limits<std::size_t>::max();
    return all;
  }
};

MEMOIR_END
