#pragma once

// The pools of a trace, the call sites of their blocks and the blocks that hold them: the
// tables `pool`, `pool_site` and `pool_backing`.
//
// Thread safety: none. Errors: throws Error.

#include <cstdint>
#include <optional>
#include <string>

#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

struct PoolRow {
  ProcessId process = {};
  std::uint32_t pool = 0;
  std::uint32_t parent = 0;  // 0: none
  std::string kind = {}, name = {};
  TraceStackId stack = {};  // that made it
  std::uint64_t allocations = 0, frees = 0;
  std::uint64_t live_blocks = 0, live_bytes = 0, peak_bytes = 0;
  std::uint64_t resets = 0, created = 0;
  std::optional<std::uint64_t> ended = {};
  std::uint64_t instances = 1;  // pools that were made alike and ended, in one row
};

// What one stack got from one pool.
struct PoolSiteRow {
  ProcessId process = {};
  std::uint32_t pool = 0;
  TraceStackId stack = {};
  std::uint64_t allocations = 0, frees = 0, allocated_bytes = 0;
  std::uint64_t live_blocks = 0, live_bytes = 0, peak_bytes = 0;
};

struct PoolBackingRow {
  ProcessId process = {};
  TraceStackId stack = {};
  std::uint64_t blocks = 0, bytes = 0;
};

class PoolTable {
 public:
  explicit PoolTable(Database& database) : database_(database) {}

  // Each replaces the row of the same key.
  void put(const PoolRow& row);
  void put(const PoolSiteRow& row);
  void put(const PoolBackingRow& row);
  // Takes away the pool's rows; those of its sites, too.
  void remove(ProcessId process, std::uint32_t pool);

 private:
  Database& database_;
  std::optional<Statement> pool_, site_, backing_, remove_pool_, remove_sites_;
};

}  // namespace memoir
