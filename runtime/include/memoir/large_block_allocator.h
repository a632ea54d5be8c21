#pragma once

// Large blocks of whole pages, of which some are kept when they come back: taking one of
// those again costs no page fault, which is most of what large blocks of malloc() cost.
// Continues ZiggyAlloc's LargeBlockAllocator, whose pool was never used.
//
// Aligned to 4096. Meant for 64 KiB and more, good for any size. A block that was never
// used before is zero already, so that zero::yes costs nothing for it.
// Findings, complexity, thread safety, errors: those of memory_pool; aligned to more than
// 4096: std::bad_alloc.

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
