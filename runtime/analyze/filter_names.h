#pragma once

// The names of a trace that a filter may speak of: threads, pools and allocating
// functions beside those of its stacks.
//
// Thread safety: plain values; loading as its Database. Errors: loading throws Error
// (kTrace).

#include <cstdint>
#include <string>
#include <vector>

#include "analyze/stack_store.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

struct FilterNames {
  struct Thread {
    ProcessId process;
    std::uint32_t thread = 0;  // its number in the trace
    std::int64_t tid = 0;
    std::string name;
  };
  struct Pool {
    ProcessId process;
    std::uint32_t pool = 0;
    std::string kind, name;
  };

  Stacks stacks;
  std::vector<Thread> threads;
  std::vector<Pool> pools;
  std::vector<std::string> apis;  // by number; "" where there is none
};

FilterNames load_filter_names(Database& database, Stacks stacks);

}  // namespace memoir
