#pragma once

// An index that knows where it was written, for operator[], which has no room for a site:
// the conversion from a number takes the caller's.
//
// Thread safety: as a value.
// Design: Memoir's own.

#include <cstddef>
#include <stdexcept>

#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/site.h"

MEMOIR_BEGIN

struct checked_index {
  std::size_t value;
  [[no_unique_address]] site where;

  constexpr checked_index(std::size_t index, site from = site::current())
      : value{index}, where{from} {}
};

namespace detail {

// Throws std::out_of_range, after reporting it.
[[noreturn]] inline void throw_out_of_range(const char* type, std::size_t /*index*/,
                                            const void* address, site where) {
  report(finding::out_of_bounds, type, where, "an index beyond the end", address);
  throw std::out_of_range(type);
}

}  // namespace detail
MEMOIR_END
