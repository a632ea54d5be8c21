#pragma once

// Who ran: the processes of a trace as a tree, and the threads of each.
//
// Thread safety: functions of their arguments; those of a Database as it. Errors: throws
// Error (kTrace; kCancelled).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyze/event_index.h"
#include "analyze/job.h"
#include "analyze/summary.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

// A process image with those that it started, or that replaced it.
struct ProcessNode {
  ProcessSummary process;
  std::optional<std::size_t> parent;  // its place in the list
  std::size_t depth = 0;
};

// Parents before their children, which follow at once: a tree as it is printed.
std::vector<ProcessNode> process_tree(TraceReader& trace);

struct ThreadSummary {
  ProcessId process;
  std::uint32_t thread = 0;
  std::int64_t tid = 0;
  std::string name;
  std::uint64_t started = 0;
  std::optional<std::uint64_t> ended;
};

std::vector<ThreadSummary> read_threads(Database& database,
                                        std::optional<ProcessId> only = std::nullopt);

// What a thread did with the heap between two moments, and what of it is live at the
// second.
struct ThreadFigures {
  std::uint32_t thread = 0;
  std::uint64_t allocations = 0, allocated_bytes = 0;
  std::uint64_t frees = 0;  // that it did itself, whoever made the block
  std::uint64_t live_blocks = 0, live_bytes = 0;
};

// By number. Decodes the events between the moments.
std::vector<ThreadFigures> count_threads(const EventIndex& index, std::uint64_t begin,
                                         std::uint64_t end, const Job& job = {},
                                         unsigned threads = 0);

}  // namespace memoir
