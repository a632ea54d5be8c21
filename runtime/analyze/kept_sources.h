#pragma once

// Source files put into a trace, so that it can be read where they are not: what
// `memoir run --sources` asks for.
//
// Thread safety: one thread. Errors: throws Error (kTrace) when the trace cannot be
// written; a file that cannot be read is left out.

#include <cstdint>

#include "trace/database.h"

namespace memoir {

struct KeptSources {
  std::uint64_t files = 0, bytes = 0;
  // Not kept: files newer than the program or library that names them, whose lines may
  // not be those that ran; and what is beyond kMostSources.
  std::uint64_t newer = 0, too_many = 0;
};

inline constexpr std::uint64_t kMostSources = std::uint64_t{256}
                                              << 20;  // bytes, unpacked

// Those that the frames of a symbolized trace name. `most`: bytes, unpacked.
KeptSources keep_sources(Database& database, std::uint64_t most = kMostSources);

}  // namespace memoir
