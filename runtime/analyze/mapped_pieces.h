#pragma once

// The mappings of a process at a moment, and what is left of each: mmap, mremap, brk and
// sbrk as the program called them.
//
// Thread safety: a function of its arguments.

#include <cstdint>
#include <vector>

#include "analyze/event_index.h"

namespace memoir {

struct MappedPiece {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t seq = 0, t = 0;  // of the event that made it
  std::uint32_t stack = 0, thread = 0;
  Api api = Api::kUnknown;
};

// By address; they do not overlap.
std::vector<MappedPiece> mapped_at(const EventIndex::View& index, std::uint64_t moment);

}  // namespace memoir
