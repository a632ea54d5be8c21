#pragma once

// What an allocator, pool or buffer tells about its blocks, and asks about them. Each has
// one pool_watch as a member, declared [[no_unique_address]] and before all that it
// watches. Where tracking is off the class is empty and every function does nothing, so
// that one source serves both builds; there `redzone` is 0 and released() always says
// yes.
//
// With tracking on, a block that is handed out lies between two redzones:
//
//   | before: space_before(alignment) | block: size bytes | after: space_after() or more
//   |
//
// The watch fills and verifies them; the pool only leaves the room, in memory of its own
// that nobody else writes to.

#include "memoir/config.h"

#if MEMOIR_TRACKING
#include "memoir/detail/pool_watch_tracked.h"
#else
#include "memoir/detail/pool_watch_plain.h"
#endif
