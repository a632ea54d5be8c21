#pragma once

// Watches of what is no pool of its own: one for all objects of a kind. They never end,
// because objects with static storage end when they like.

#include <cstddef>
#include <new>

#include "memoir/detail/pool_watch.h"

MEMOIR_BEGIN
namespace detail {

// The books of all buffers that are no pool's.
inline pool_watch& heap_watch() {
  alignas(pool_watch) static std::byte room[sizeof(pool_watch)];
  static pool_watch& watch =
      *new (room) pool_watch{"buffer", watch_style::allocator, site{}};
  return watch;
}

// Of all scopes with deferred actions.
inline pool_watch& scope_watch() {
  alignas(pool_watch) static std::byte room[sizeof(pool_watch)];
  static pool_watch& watch =
      *new (room) pool_watch{"defer_scope", watch_style::allocator, site{}};
  return watch;
}

}  // namespace detail
MEMOIR_END
