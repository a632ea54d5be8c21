#pragma once

// Three pools for the whole program, of small, medium and large buffers: 1 KiB, 64 KiB,
// 1 MiB.
//
//   auto buffer = memoir::global_pools().get(2048);   // from the medium one
//
// They are made when they are first used, and never end, so that buffers may be given
// back in destructors of static objects, too.
//
// Complexity: that of sized_pool.
// Thread safety: any thread.
// Errors: those of sized_pool.
// Findings: bad_size, size_overflow, foreign_return, double_return, invalid_free,
// undersized_reuse, alloc_dealloc_mismatch (pool_for()), use_after_return, pool_overflow,
// over_retention
// Design: the global pools of frd-pu (Rust).

#include <cstddef>
#include <memory_resource>

#include "memoir/pool_stats.h"
#include "memoir/pooled_bytes.h"
#include "memoir/result.h"
#include "memoir/site.h"
#include "memoir/sized_pool.h"

MEMOIR_BEGIN

// Of all three.
struct global_pool_stats {
  pool_stats small;
  pool_stats medium;
  pool_stats large;
};

class global_pool_set {
 public:
  static constexpr std::size_t small_size = 1 << 10;
  static constexpr std::size_t medium_size = 64 << 10;
  static constexpr std::size_t large_size = 1 << 20;

  // Of the pool's own size. Throw std::bad_alloc.
  [[nodiscard]] pooled_bytes small(zero fill = zero::no, site where = site::current()) {
    return small_.acquire(small_size, fill, where);
  }
  [[nodiscard]] pooled_bytes medium(zero fill = zero::no, site where = site::current()) {
    return medium_.acquire(medium_size, fill, where);
  }
  [[nodiscard]] pooled_bytes large(zero fill = zero::no, site where = site::current()) {
    return large_.acquire(large_size, fill, where);
  }
  // Of this size, from the pool for it. Throws as sized_pool::acquire() does.
  [[nodiscard]] pooled_bytes get(std::size_t size, zero fill = zero::no,
                                 site where = site::current()) {
    return routed(size, where).acquire(size, fill, where);
  }
  // The same; fails as sized_pool::try_acquire() does.
  result<pooled_bytes> try_get(std::size_t size, zero fill = zero::no,
                               site where = site::current()) {
    return routed(size, where).try_acquire(size, fill, where);
  }
  // small up to 1 KiB, medium up to 64 KiB, large beyond.
  sized_pool& pool_for(std::size_t size) noexcept {
    return size <= small_size ? small_ : size <= medium_size ? medium_ : large_;
  }

  global_pool_stats stats() const {
    return {small_.stats(), medium_.stats(), large_.stats()};
  }
  // Frees what is idle. How many bytes.
  std::size_t clear(site where = site::current()) {
    return small_.clear(where) + medium_.clear(where) + large_.clear(where);
  }
  std::size_t shrink(double keep = 0.5, site where = site::current()) {
    return small_.shrink(keep, where) + medium_.shrink(keep, where) +
           large_.shrink(keep, where);
  }

 private:
  friend global_pool_set& global_pools();
  global_pool_set() {
    small_.set_name("global small");
    medium_.set_name("global medium");
    large_.set_name("global large");
  }

  sized_pool& routed(std::size_t size, site where) noexcept {
    sized_pool& pool = pool_for(size);
    pool.engine_->watch().tell(detail::pool_event::decide, where, nullptr, size, 0,
                               "of the three, for its size");
    return pool;
  }

  sized_pool small_{sized_pool_options{}, std::pmr::new_delete_resource()};
  sized_pool medium_{sized_pool_options{}, std::pmr::new_delete_resource()};
  sized_pool large_{sized_pool_options{}, std::pmr::new_delete_resource()};
};

inline global_pool_set& global_pools() {
  static global_pool_set& all = *new global_pool_set;
  return all;
}

// Frees what is idle in all of them. How many bytes.
inline std::size_t clear_global_pools(site where = site::current()) {
  return global_pools().clear(where);
}

MEMOIR_END
