#pragma once

// When the blocks that were never freed were made, and by which thread: from the blocks
// that the collector wrote down when their process ended (the table block_chunk).
//
// Thread safety: functions of their arguments. Errors: throws Error (kTrace; kCancelled).

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyze/block_filter.h"
#include "analyze/filter.h"
#include "analyze/filter_names.h"
#include "analyze/job.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

// Equal pieces of the time of a trace.
inline constexpr std::size_t kLeakPieces = 32;
using LeakPieces = std::array<std::uint64_t, kLeakPieces>;

// The blocks of one stack, and of one thread where threads were asked for.
struct LeakLife {
  ProcessId process;
  std::uint32_t stack = 0, thread = 0;
  std::uint64_t blocks = 0, bytes = 0;
  std::uint64_t first_t = std::numeric_limits<std::uint64_t>::max(), last_t = 0;
  double ages = 0;    // their sum: from an allocation to its process's last event, ns
  LeakPieces made{};  // bytes, by when they were made

  void add(const LeakLife& other);
};

struct LeakLives {
  std::vector<LeakLife> lives;  // by process, stack and thread
  // The process wrote its blocks down: it ended.
  std::vector<ProcessId> processes;
  std::string problem;  // of a word of the filter that blocks cannot answer

  bool knows(ProcessId process) const;
};

struct LeakLivesQuestion {
  std::optional<ProcessId> only;
  bool by_thread = false;
  NumberRange made;  // times of their allocation
  // Words about single blocks that they must agree with: see words_about_blocks().
  Filter filter;
  std::shared_ptr<const FilterNames> names;  // for the filter; null without one
};

// The words of a filter that only single blocks of the heap can answer.
Filter words_about_blocks(const Filter& filter);

LeakLives read_leak_lives(Database& database, const LeakLivesQuestion& question,
                          const Job& job = {});

}  // namespace memoir
