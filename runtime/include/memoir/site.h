#pragma once

// Where in the program something was asked for. The last, defaulted argument of every
// public function that is not virtual:
//
//   void* allocate(std::size_t bytes, site where = site::current());
//
// Default arguments are evaluated where the function is called, so the site is the
// caller's; a wrapper passes its own on. Made of compiler builtins, because not every
// compiler we support has std::source_location.
//
// Thread safety: as a value; a site_scope is its thread's.
// Design: what std::source_location is; ZiggyAlloc's DebugMemoryAllocator asks for
// callers, too, but in a function of its own, which is then the one that is named.

#include "memoir/config.h"

namespace memoir::records {

// A place in the source; `file` and `function` are literals. Line 0: not known.
struct source_place {
  const char* file = "";
  const char* function = "";
  unsigned line = 0;
};

}  // namespace memoir::records

MEMOIR_BEGIN

#if MEMOIR_TRACKING

struct site : records::source_place {
  static constexpr site current(const char* file = __builtin_FILE(),
                                const char* function = __builtin_FUNCTION(),
                                unsigned line = __builtin_LINE()) {
    return site{{file, function, line}};
  }
  // Of a call that has no room for one: what site_scope said last on this thread.
  static site of_thread();
  // The same, or `otherwise` where nobody said anything.
  static site of_thread_or(const site& otherwise);
};

#else

// Nothing, so that passing it costs nothing.
struct site {
  static constexpr site current() { return {}; }
  static constexpr site of_thread() { return {}; }
  static constexpr site of_thread_or(site) { return {}; }
  constexpr operator records::source_place() const { return {}; }
};

#endif

// Names the place for calls that cannot carry one: through
// std::pmr::polymorphic_allocator, from operator new, in destructors. Until its end, on
// its thread; scopes nest.
class [[nodiscard]] site_scope {
 public:
#if MEMOIR_TRACKING
  explicit site_scope(site where = site::current());
  ~site_scope();
  site_scope(const site_scope&) = delete;
  site_scope& operator=(const site_scope&) = delete;

 private:
  site before_;
#else
  explicit site_scope(site = site::current()) {}
  ~site_scope() {}
  site_scope(const site_scope&) = delete;
  site_scope& operator=(const site_scope&) = delete;
#endif
};

MEMOIR_END

#define MEMOIR_SITE_SCOPE() const ::memoir::site_scope memoir_site_scope_

#if MEMOIR_TRACKING
#include "memoir/detail/thread_site.h"
#endif
