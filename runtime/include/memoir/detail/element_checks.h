#pragma once

// The questions that every access to the elements of a buffer asks, said once.

#include <cstddef>
#include <limits>
#include <new>
#include <stdexcept>

#include "memoir/checked_index.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/memory_location.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

// Reports memory that the program cannot touch (wrong_location). Whether it can.
inline bool check_host(memory_location location, const char* type, const void* address,
                       site where) {
  if (is_host_accessible(location)) [[likely]]
    return true;
  report(finding::wrong_location, type, where, "it lies on a device", address);
  return false;
}

// Bytes of `count` elements. Throws std::bad_array_new_length where they cannot be
// counted, after reporting it (size_overflow).
inline std::size_t bytes_of(std::size_t count, std::size_t element, const char* type,
                            site where) {
  if (count > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) /
                  element) [[unlikely]] {
    report(finding::size_overflow, type, where, "count times size does not fit", nullptr,
           count);
    throw std::bad_array_new_length();
  }
  return count * element;
}

// Throws std::out_of_range where `offset` and `count` are not within `size`, after
// reporting it.
inline void check_range(std::size_t offset, std::size_t count, std::size_t size,
                        const char* type, const void* address, site where) {
  if (offset > size || count > size - offset) [[unlikely]] {
    throw_out_of_range(type, offset, address, where);
  }
}

}  // namespace detail
MEMOIR_END
