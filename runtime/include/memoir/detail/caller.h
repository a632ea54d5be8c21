#pragma once

// Where a function was called from, also where tracking is off and `site` is empty: for
// types that are chosen to tell that, like debug_allocator.
//
// Thread safety: values and scopes of one thread.

#include <type_traits>
#include <utility>

#include "memoir/config.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

// In place of a site, whose default argument says nothing where tracking is off.
struct untracked_caller : records::source_place {
  constexpr untracked_caller(site = {}) {}
  explicit constexpr untracked_caller(const records::source_place& place)
      : records::source_place{place} {}
  static constexpr untracked_caller current(const char* file = __builtin_FILE(),
                                            const char* function = __builtin_FUNCTION(),
                                            unsigned line = __builtin_LINE()) {
    return untracked_caller{records::source_place{file, function, line}};
  }
  constexpr operator site() const { return {}; }
};
using caller = std::conditional_t<is_tracking, site, untracked_caller>;

// Says it to what is called meanwhile on this thread, with sites that are empty.
template <bool Tracking>
class basic_caller_scope {
 public:
  explicit basic_caller_scope(const records::source_place&) {}
  ~basic_caller_scope() {}
  basic_caller_scope(const basic_caller_scope&) = delete;
  basic_caller_scope& operator=(const basic_caller_scope&) = delete;
  static records::source_place of(const records::source_place& where) { return where; }
};

template <>
class basic_caller_scope<false> {
 public:
  explicit basic_caller_scope(const records::source_place& where)
      : before_{std::exchange(innermost(), &where)} {}
  ~basic_caller_scope() { innermost() = before_; }
  basic_caller_scope(const basic_caller_scope&) = delete;
  basic_caller_scope& operator=(const basic_caller_scope&) = delete;
  static records::source_place of(const records::source_place&) {
    return innermost() != nullptr ? *innermost() : records::source_place{};
  }

 private:
  static const records::source_place*& innermost() {
    thread_local constinit const records::source_place* place = nullptr;
    return place;
  }
  const records::source_place* before_;
};
using caller_scope = basic_caller_scope<is_tracking>;

}  // namespace detail
MEMOIR_END
