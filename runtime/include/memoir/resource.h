#pragma once

// A std::pmr::memory_resource that is told where it is asked: the base of every allocator
// and pool here that can stand behind containers.
//
//   void* p = pool.allocate(64);                        // the site is this line
//   std::pmr::vector<int> v{&pool};                     // no room for a site: what
//   MEMOIR_SITE_SCOPE(); v.push_back(1);                // site_scope said last
//
// A resource implements allocate_at() and deallocate_at(), and answers both ways.
// Whoever allocates from a resource that it was given, maybe one of these, passes its
// own caller on with allocate_from().
//
// Complexity: that of the resource, and a virtual call.
// Thread safety: as the resource says.
// Errors: as the resource says; std::bad_alloc where there is no memory.
// Findings: none (of its own)
// Design: Memoir's own, around std::pmr::memory_resource, whose interface has no room for
// callers.

#include <cstddef>
#include <memory_resource>

#include "memoir/site.h"

MEMOIR_BEGIN

class resource : public std::pmr::memory_resource {
 public:
  // At least `bytes` bytes, aligned to `alignment`, a power of two. Throws what the
  // resource says, std::bad_alloc where there is no memory.
  [[nodiscard]] void* allocate(std::size_t bytes,
                               std::size_t alignment = alignof(std::max_align_t),
                               site where = site::current()) {
    return allocate_at(bytes, alignment, where);
  }

  // With what allocate() was asked for. `memory` may be used no more.
  void deallocate(void* memory, std::size_t bytes,
                  std::size_t alignment = alignof(std::max_align_t),
                  site where = site::current()) {
    deallocate_at(memory, bytes, alignment, where);
  }

 protected:
  resource() = default;
  resource(const resource&) = default;
  resource& operator=(const resource&) = default;

  virtual void* allocate_at(std::size_t bytes, std::size_t alignment, site where) = 0;
  virtual void deallocate_at(void* memory, std::size_t bytes, std::size_t alignment,
                             site where) = 0;

  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) final {
    return allocate_at(bytes, alignment, site::of_thread());
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) final {
    deallocate_at(memory, bytes, alignment, site::of_thread());
  }
};

namespace detail {

// From any resource, for the sake of `where`.
[[nodiscard]] inline void* allocate_from(std::pmr::memory_resource& upstream,
                                         std::size_t bytes, std::size_t alignment,
                                         site where) {
  const site_scope scope{where};
  return upstream.allocate(bytes, alignment);
}

inline void deallocate_to(std::pmr::memory_resource& upstream, void* memory,
                          std::size_t bytes, std::size_t alignment, site where) {
  const site_scope scope{where};
  upstream.deallocate(memory, bytes, alignment);
}

}  // namespace detail
MEMOIR_END
