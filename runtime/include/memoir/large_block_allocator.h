#pragma once

// Large blocks of whole pages, of which some are kept when they come back: taking one of
// those again costs no page fault, which is most of what large blocks of malloc() cost.
//
// Aligned to 4096. Meant for 64 KiB and more, good for any size. A block that was never
// used before is zero already, so that zero::yes costs nothing for it.
//
// Complexity: O(1), as memory_pool, where a block is idle; mmap() otherwise.
// Thread safety: any thread, but for the making and the ending.
// Errors: those of memory_pool; std::bad_alloc for an alignment of more than 4096.
// Findings: bad_size, size_overflow (allocate()), double_return, invalid_free,
// foreign_return, alloc_dealloc_mismatch (deallocate() with another size),
// use_after_return, stale_handle (a buffer whose block was freed by its address and
// handed out again), pool_overflow, over_retention, pool_destroyed_with_live_blocks
// Design: ZiggyAlloc's LargeBlockAllocator, whose pool was never used.

#include <cstddef>
#include <memory>

#include "memoir/detail/page_source.h"
#include "memoir/detail/pooled_allocator.h"

MEMOIR_BEGIN

struct large_block_options {
  std::size_t max_idle = 8;  // of each size class
  std::size_t max_idle_bytes = std::size_t{256} << 20;
};

class large_block_allocator final : public detail::pooled_allocator {
 public:
  explicit large_block_allocator(const large_block_options& options = {},
                                 site where = site::current())
      : pooled_allocator{
            *new detail::pooled_core("large_block_allocator", recycler_options(options),
                                     std::make_unique<detail::page_source>(), where,
                                     nullptr, detail::fresh_memory::zero),
            nullptr} {}

 private:
  static detail::recycler_options recycler_options(const large_block_options& options) {
    detail::recycler_options all;
    all.alignment = detail::page_source::kPage;
    all.max_idle = options.max_idle;
    all.max_idle_bytes = options.max_idle_bytes;
    return all;
  }
};

MEMOIR_END
