#pragma once

// What was done to a program while it ran, and what it said of itself: allocations that
// were made to fail, marks.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

// Allocations that were made to fail in one place.
struct FailedSite {
  std::string function, file, module, api;
  std::int64_t line = 0;
  std::uint64_t count = 0, bytes = 0;
};

struct FailureReport {
  std::vector<FailedSite> sites;  // perhaps not all; the most frequent first
  std::uint64_t count = 0;        // of all
};

FailureReport find_failures(Database& database,
                            std::optional<ProcessId> only = std::nullopt,
                            std::size_t most = SIZE_MAX);

struct Mark {
  ProcessId process;
  std::uint64_t t = 0;  // ns since the trace began
  std::string name;
};

struct MarkReport {
  std::vector<Mark> marks;  // the first ones
  std::uint64_t count = 0;  // of all
};

MarkReport find_marks(Database& database, std::optional<ProcessId> only = std::nullopt,
                      std::size_t most = SIZE_MAX);

}  // namespace memoir
