#pragma once

// The memory errors of a trace, in the order in which they were met.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trace/database.h"
#include "trace/fault_table.h"
#include "trace/ids.h"

namespace memoir {

struct Fault {
  FaultRow row;
  std::string kind;  // as the trace names it
  std::int64_t pid = 0;
  std::string command;
  std::string thread, alloc_thread, free_thread;  // names, "" when unknown
  // The line to look at first: where the block was made for what was found late,
  // otherwise where it happened.
  std::string function, file, module;
  std::int64_t line = 0;
};

struct FaultCount {
  std::string kind, title;
  std::uint64_t different = 0, times = 0;
};

struct FaultReport {
  std::vector<Fault> faults;       // perhaps not all of them
  std::vector<FaultCount> counts;  // of all of them, the most frequent kind first
  std::uint64_t different = 0, times = 0;
  std::uint64_t silenced = 0;  // times that a suppression matched
  std::uint64_t untold = 0;    // that could not be recorded
  bool were_sought = true;     // not where calls were recorded only
};

// Of the misuse of a pool: the place that the program named itself.
void take_named_place(Fault& fault);

// The line that would silence it, "" when it has no place.
std::string suppression_line(const Fault& fault);

// At most `most` of them in `faults`.
FaultReport find_faults(Database& database, std::optional<ProcessId> only = std::nullopt,
                        std::size_t most = SIZE_MAX);

}  // namespace memoir
