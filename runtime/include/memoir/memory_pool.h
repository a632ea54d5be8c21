#pragma once

// Keeps what is given back, and hands it out again to the next who asks for that size:
// for short-lived blocks of a few sizes.
//
//   memory_pool pool{base};
//   for (...) { auto work = pool.allocate<std::byte>(1024); ... }   // one block in all
//
// Sizes are rounded up to a size class, also where a block is made, so that no block is
// ever handed out for more than it holds. Each thread keeps some idle blocks for itself
// (up to 256 KiB of a class, and 64 blocks); what is beyond lies in a depot for all
// threads (up to 4 MiB of a class), then in common lists, and beyond max_idle_bytes goes
// back to `base`. Requests aligned to more than 16 are passed on to `base`, and go
// back there by their buffers or deallocate(); free() does not know them. `base` lives as
// long as the pool; blocks may come back later, and go to it all the same.
//
// Complexity: O(1); a few nanoseconds and no lock where the thread has an idle block.
// clear(), trim() and stats() wait for all threads.
// Thread safety: any thread, but for the making and the ending.
// Errors: as allocator.h says; what `base` throws; std::invalid_argument from free() for
// what is no block of the pool's.
// Findings: bad_size, size_overflow (allocate()), double_return, invalid_free,
// foreign_return, alloc_dealloc_mismatch (deallocate() with another size),
// use_after_return, stale_handle (a buffer whose block was freed by its address and
// handed out again), pool_overflow, over_retention, pool_destroyed_with_live_blocks
// Design: ZiggyAlloc's UnmanagedMemoryPool, which files blocks under classes larger than
// they are, keeps them without a limit, and passes on to `base` what it does not know.

#include <cstddef>
#include <limits>
#include <memory>

#include "memoir/detail/pooled_allocator.h"

MEMOIR_BEGIN

struct memory_pool_options {
  // Idle blocks of one size class, and bytes of all, beyond which blocks go back to the
  // base. What threads keep for themselves is not counted.
  std::size_t max_idle = std::numeric_limits<std::size_t>::max();
  std::size_t max_idle_bytes = std::size_t{256} << 20;
};

class memory_pool final : public detail::pooled_allocator {
 public:
  explicit memory_pool(allocator& base, const memory_pool_options& options = {},
                       site where = site::current())
      : pooled_allocator{
            *new detail::pooled_core("memory_pool", recycler_options(options),
                                     std::make_unique<detail::allocator_source>(base),
                                     where, &base.core().watch()),
            &base} {}

 private:
  static detail::recycler_options recycler_options(const memory_pool_options& options) {
    detail::recycler_options all;
    all.key = detail::recycler_key::size_class;
    all.max_idle = options.max_idle;
    all.max_idle_bytes = options.max_idle_bytes;
    return all;
  }
};

MEMOIR_END
