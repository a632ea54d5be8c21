#pragma once

// All allocators of ZiggyAlloc at once, and its one global.

#include "memoir/memory_pool.h"
#include "memoir/system_allocator.h"

MEMOIR_BEGIN

// What programs use that have no allocator of their own. Thread safety: any.
struct Z {
  // Made with the first use, and never destroyed: buffers in static storage may be freed
  // at any time. What was written into freed blocks is looked for when the program ends.
  static system_allocator& default_allocator() {
    static system_allocator& everything = [&]() -> system_allocator& {
      static system_allocator* const made = new system_allocator("default");
      if constexpr (is_tracking) {
        std::atexit([] { made->verify(site::of_thread()); });
      }
      return *made;
    }();
    return everything;
  }
};

MEMOIR_END
