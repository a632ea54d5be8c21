#pragma once

// What was never freed, by call site and class, the most bytes first.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trace/database.h"
#include "trace/ids.h"
#include "trace/trace_reader.h"

namespace memoir {

struct Leak {
  ProcessId process;
  std::string leak_class;  // definite indirect possible reachable unknown
  std::uint64_t blocks = 0, bytes = 0;
  std::string function, file, module;
  std::int64_t line = 0;
  std::uint64_t stacks = 0;          // that lead to this call site
  TraceStackId heaviest_stack;       // the one with the most bytes
  std::uint64_t heaviest_bytes = 0;  // of that stack alone
};

// What a suppression of the trace took away.
struct SilencedLeaks {
  std::string rule;
  std::uint64_t blocks = 0, bytes = 0;
};

struct LeakReport {
  std::vector<Leak> leaks;
  std::uint64_t blocks = 0, bytes = 0;  // of all of them
  std::vector<SilencedLeaks> silenced;  // are not among them
};

// But for what the rules of the trace silence, and those beside it where it is a reader's
// (analyze/suppression_file.h).
LeakReport find_leaks(Database& database, std::optional<ProcessId> only = std::nullopt);
LeakReport find_leaks(TraceReader& trace, std::optional<ProcessId> only = std::nullopt);

struct NeverFreed {
  std::uint64_t blocks = 0, bytes = 0;
};

// The figures of find_leaks(), of each process that has some: what every summary says was
// never freed.
std::map<ProcessId, NeverFreed> never_freed(TraceReader& trace,
                                            std::optional<ProcessId> only = std::nullopt);

}  // namespace memoir
