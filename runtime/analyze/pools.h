#pragma once

// The pools of a trace: what hands out pieces of memory that it got from elsewhere.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trace/database.h"
#include "trace/ids.h"
#include "trace/pool_table.h"

namespace memoir {

// A call site of a pool's blocks.
struct PoolSite {
  PoolSiteRow figures;
  std::string function, file;
  std::int64_t line = 0;
};

// How often something else happened to it.
struct PoolEventSum {
  std::string kind;
  std::uint64_t count = 0;
};

struct Pool {
  PoolRow row;
  // Where it was made.
  std::string function, file;
  std::int64_t line = 0;
  std::vector<PoolEventSum> events;  // the most first
  std::vector<PoolSite> sites;  // the most live bytes first, then the most bytes in all
};

// Most peak bytes first; at most `most_sites` sites for each.
std::vector<Pool> find_pools(Database& database,
                             std::optional<ProcessId> only = std::nullopt,
                             std::size_t most_sites = SIZE_MAX);

}  // namespace memoir
