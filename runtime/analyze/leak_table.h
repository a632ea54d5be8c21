#pragma once

// What was never freed, in the groups that somebody asks for, by what a filter takes, and
// without what rules silence. Grouped by call site, with all of the time and no filter,
// it is what find_leaks() says.
//
// Thread safety: functions of their arguments. Errors: throws Error (kTrace).

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/filter.h"
#include "analyze/filter_names.h"
#include "analyze/leak_lives.h"
#include "analyze/leaks.h"
#include "analyze/stack_store.h"
#include "analyze/suppressions.h"
#include "trace/database.h"

namespace memoir {

// Blocks of one process, class and stack.
struct LeakedStack {
  ProcessId process;
  TraceStackId stack;
  std::uint64_t blocks = 0, bytes = 0;
  std::string leak_class;
};

// All of them, by no names: the most bytes first.
std::vector<LeakedStack> read_leaked_stacks(Database& database,
                                            std::optional<ProcessId> only = std::nullopt);

enum class LeakGroup { kSite, kFunction, kFile, kModule, kThread };
// "site", "function", "file", "module", "thread".
std::string_view leak_group_name(LeakGroup group);

struct LeakRow {
  std::string name;                    // of the group: a function, a path, a thread
  std::string leak_class;              // "" where there are several
  std::string function, file, module;  // of the heaviest stack
  std::int64_t line = 0;
  std::uint64_t blocks = 0, bytes = 0, stacks = 0;
  TraceStackId heaviest_stack;
  std::uint64_t heaviest_bytes = 0;
  // Of the blocks of which it is known; none of a process that still runs.
  LeakLife life;

  double average_age() const {
    return life.blocks > 0 ? life.ages / static_cast<double>(life.blocks) : 0;
  }
};

struct LeakTable {
  std::vector<LeakRow> rows;            // the most bytes first
  std::uint64_t blocks = 0, bytes = 0;  // of all of them
  std::vector<SilencedLeaks> silenced;  // are not among them; by rule
  // Of what would be among them, if it were known when they were made.
  std::uint64_t timeless_blocks = 0, timeless_bytes = 0;
};

struct LeakTableQuestion {
  LeakGroup group = LeakGroup::kSite;
  Filter filter;
  // Only blocks that `lives` counts are meant: of a stretch of time, or by words about
  // single blocks. Otherwise they only add to what is known of leaks.
  bool only_lives = false;
  const Suppressions* rules = nullptr;
  const FilterNames* names = nullptr;  // of threads, for kThread
};

// `lives`: by thread, where these are asked for.
LeakTable make_leak_table(const std::vector<LeakedStack>& leaks, const StackStore& stacks,
                          const LeakLives& lives, const LeakTableQuestion& question);

}  // namespace memoir
