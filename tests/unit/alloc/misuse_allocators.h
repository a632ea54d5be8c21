#pragma once

// The allocators of the misuse matrix, each with what lies below it.

#include <cstddef>

#include "memoir/debug_allocator.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/large_block_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/slab_allocator.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir {

// What is said of one that says nothing else.
struct with_allocator {
  static constexpr const char* kName = "";
  static constexpr const char* kOverflowName = "";
  static constexpr bool kRefuses = true;      // throws for what is none of its blocks
  static constexpr std::size_t kBytes = 400;  // of a block that it has for itself
};
struct with_system : with_allocator {
  static constexpr const char *kKind = "system_allocator", *kOverflow = kKind;
  static constexpr bool kRefuses = false;
  system_allocator memory;
  std::size_t verify(site where = site::current()) { return memory.verify(where); }
};
template <class Pool>
struct with_pool_on_system : with_allocator {
  static constexpr const char *kName = "a pool with a name", *kOverflowName = kName;
  system_allocator base;
  Pool memory{base};
  with_pool_on_system() { memory.set_name(kName); }
  std::size_t verify(site where = site::current()) { return memory.verify(where); }
};
struct with_memory_pool : with_pool_on_system<memory_pool> {
  static constexpr const char *kKind = "memory_pool", *kOverflow = kKind;
};
struct with_slabs : with_pool_on_system<slab_allocator> {
  static constexpr const char *kKind = "slab_allocator", *kOverflow = kKind;
};
struct with_large : with_allocator {
  static constexpr const char *kKind = "large_block_allocator", *kOverflow = kKind;
  static constexpr std::size_t kBytes = 100'000;
  large_block_allocator memory;
  std::size_t verify(site where = site::current()) { return memory.verify(where); }
};
struct with_debug : with_allocator {
  static constexpr const char *kKind = "debug_allocator", *kOverflow = "system_allocator";
  static constexpr const char* kName = "watched";
  system_allocator base;
  debug_allocator memory{kName, base, leak_mode::callback};
  std::size_t verify(site where = site::current()) { return base.verify(where); }
};
// Two tiers of a hybrid_allocator.
struct with_hybrid : with_allocator {
  static constexpr const char *kKind = "hybrid_allocator",
                              *kOverflow = "system_allocator";
  static constexpr std::size_t kBytes = 4000;
  system_allocator base;
  hybrid_allocator memory{base};
  std::size_t verify(site where = site::current()) { return base.verify(where); }
};
struct with_hybrid_slabs : with_hybrid {
  static constexpr const char *kKind = "slab_allocator", *kOverflow = kKind;
  static constexpr const char *kName = "hybrid: slab", *kOverflowName = kName;
  static constexpr std::size_t kBytes = 400;
};

}  // namespace memoir

// Misuses of allocators on a pooled_core, and of the others.
#define MISUSE_OF_POOLS(kind, what, function)                    \
  MISUSE_AS(memory_pool, kind, what, function<with_memory_pool>) \
  MISUSE_AS(slab_allocator, kind, what, function<with_slabs>)    \
  MISUSE_AS(large_block_allocator, kind, what, function<with_large>)
#define MISUSE_OF_OTHERS(kind, what, function)                   \
  MISUSE_AS(system_allocator, kind, what, function<with_system>) \
  MISUSE_AS(debug_allocator, kind, what, function<with_debug>)   \
  MISUSE_AS(hybrid_allocator, kind, what, function<with_hybrid>)
