#pragma once

// Whether memory was written since it was handed out, as far as can be told: blocks of
// watched pools and buffers are filled with a pattern that real data hardly ever holds
// eight times in a row. Before bytes leave the program, for a file or a hash, this says
// whether all of them mean something.
//
// Complexity: O(bytes); O(1) where tracking is off: true.
// Thread safety: any thread; it reads the bytes.
// Errors: none; it says so.
// Findings: uninitialized_use
// Design: Memoir's own; ZiggyAlloc promises uninitialized memory, and has no way to see
// it used.

#include <cstddef>
#include <span>

#include "memoir/detail/thread_owner.h"
#include "memoir/finding.h"
#include "memoir/site.h"

MEMOIR_BEGIN
namespace detail {

// The first run of eight bytes or more that were never written, or an empty span.
inline std::span<const std::byte> find_unwritten(std::span<const std::byte> bytes) {
  constexpr std::byte fresh{0xcd};
  constexpr std::size_t least = 8;
  for (std::size_t at = 0, run = 0; at < bytes.size(); ++at) {
    run = bytes[at] == fresh ? run + 1 : 0;
    if (run < least) continue;
    std::size_t end = at + 1;
    while (end < bytes.size() && bytes[end] == fresh) ++end;
    return bytes.subspan(at + 1 - run, end - (at + 1 - run));
  }
  return {};
}

}  // namespace detail

// False, and reported as uninitialized_use: part of these bytes was never written.
inline bool check_initialized([[maybe_unused]] std::span<const std::byte> bytes,
                              [[maybe_unused]] site where = site::current()) {
  if constexpr (is_tracking) {
    const auto unwritten = detail::find_unwritten(bytes);
    if (!unwritten.empty()) {
      detail::report(finding::uninitialized_use, "", where,
                     "these bytes were never written", unwritten.data(),
                     unwritten.size());
      return false;
    }
  }
  return true;
}

MEMOIR_END
