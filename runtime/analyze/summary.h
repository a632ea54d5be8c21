#pragma once

// What ran, how it ended, and the figures of every process image of a trace.
//
// Thread safety: as its TraceReader. Errors: throws Error (kTrace).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trace/ids.h"
#include "trace/trace_reader.h"

namespace memoir {

struct ProcessSummary {
  ProcessId id;
  std::int64_t pid = 0, parent_pid = 0;
  std::string command, executable;
  std::string end;             // exit:N signal:N exec killed running
  std::uint64_t started = 0;   // ns since the trace began
  std::uint64_t duration = 0;  // ns, up to now or to the last event when it has not ended
  std::uint64_t threads = 0;
  std::uint64_t allocations = 0, frees = 0, allocated_bytes = 0, temporary = 0;
  std::uint64_t peak_bytes = 0, peak_blocks = 0, peak_t = 0;
  // Never freed, when it has ended; as Leaks tells it: blocks of pools, not those of the
  // heap that hold them, and nothing that is suppressed.
  std::uint64_t live_blocks = 0, live_bytes = 0;
  std::uint64_t mapped_peak_bytes = 0, mapped_live_bytes = 0;
  std::uint64_t dropped = 0, unknown_frees = 0, events = 0;
  bool stacks_cut = false;  // there was no room for all frames: inner ones are missing
};

struct RunSummary {
  TraceState state = TraceState::kComplete;
  std::string version;  // of the Memoir that recorded it
  std::vector<ProcessSummary> processes;
  // Sums over the processes. The peak is that of the process with the largest one.
  ProcessSummary total;
};

RunSummary summarize(TraceReader& trace, std::optional<ProcessId> only = std::nullopt);

}  // namespace memoir
