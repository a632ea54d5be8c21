#pragma once

// All allocators of ZiggyAlloc at once, its one global, and the names that only the
// samples of its version 1 use.
//
// Complexity: that of the types behind the names.
// Thread safety: Z, any thread; the others as the types behind the names say.
// Errors: those of the types behind the names.
// Findings: none (of its own: those of system_allocator, defer_scope and buffer_ref)
// Design: ZiggyAlloc's Z; AllocationContext, Slice and DeferredCleanupScope of its
// version 1.

#include <cstdlib>
#include <utility>

#include "memoir/auto_free.h"
#include "memoir/debug_allocator.h"
#include "memoir/defer_scope.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/scoped_allocator.h"
#include "memoir/system_allocator.h"

MEMOIR_BEGIN

// What programs use that have no allocator of their own. Thread safety: any.
struct Z {
  // Made with the first use, and never destroyed: buffers in static storage may be freed
  // at any time. What was written into freed blocks is looked for when the program ends.
  static system_allocator& default_allocator() {
    static system_allocator* const made = make();
    return *made;
  }

 private:
  static system_allocator* make() {
    auto* everything = new system_allocator("default");
    if constexpr (is_tracking) {
      std::atexit([] { default_allocator().verify(site::of_thread()); });
    }
    return everything;
  }
};

// Old names. A slice is a view; its memory is that of the context or of the scope.
template <unmanaged T>
using slice = buffer_ref<T>;
using deferred_cleanup_scope = defer_scope;

// Hands out slices that it frees when it ends, newest first. One thread at a time.
class allocation_context {
 public:
  explicit allocation_context(allocator& memory = Z::default_allocator())
      : memory_{memory} {}

  template <unmanaged T, std::integral Count>
  slice<T> allocate_slice(Count count, zero zeroed = zero::no,
                          site where = site::current()) {
    return allocate_deferred<T>(memory_, scope_, count, zeroed, where);
  }
  // One element.
  template <unmanaged T>
  slice<T> allocate(zero zeroed = zero::no, site where = site::current()) {
    return allocate_deferred<T>(memory_, scope_, 1, zeroed, where);
  }
  // Freed with the scope instead.
  template <unmanaged T, std::integral Count>
  slice<T> allocate_slice_deferred(defer_scope& scope, Count count,
                                   zero zeroed = zero::no, site where = site::current()) {
    return allocate_deferred<T>(memory_, scope, count, zeroed, where);
  }

  allocator& memory() const noexcept { return memory_; }

 private:
  allocator& memory_;
  defer_scope scope_;
};

MEMOIR_END
