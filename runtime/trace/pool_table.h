#pragma once

// The pools of a trace, the call sites of their blocks, the blocks that hold them, and
// what else happened: the tables `pool`, `pool_site`, `pool_backing` and `pool_event`.
//
// Thread safety: none. Errors: throws Error.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
  std::uint32_t api = 0;
  std::uint64_t blocks = 0, bytes = 0;
};

// What happened to a pool, to a thread at a place: all that is alike together.
struct PoolEventRow {
  std::uint8_t kind = 0;  // as memoir/pool_event.inc numbers it
  std::uint32_t thread = 0;
  std::uint32_t from_thread = 0;  // of a hand-over; 0: not known
  std::uint32_t line = 0;         // 0: no place is known
  std::string file = {}, detail = {};
  TraceStackId stack = {};    // of the first one
  std::uint64_t address = 0;  // of the last one, as last_bytes and last_amount
  std::uint64_t count = 0, bytes = 0, amount = 0;
  std::uint64_t last_bytes = 0, last_amount = 0;
  std::uint64_t first_t = 0, last_t = 0;
};

// The name of a kind in traces; "unknown" where the list has no such number.
std::string_view pool_event_name(std::uint8_t kind);

class PoolTable {
 public:
  explicit PoolTable(Database& database) : database_(database) {}

  // Each replaces the row of the same key.
  void put(const PoolRow& row);
  void put(const PoolSiteRow& row);
  void put(const PoolBackingRow& row);
  // `number` tells the rows of one pool apart.
  void put(ProcessId process, std::uint32_t pool, std::uint64_t number,
           const PoolEventRow& row);
  // Takes away the pool's rows; those of its sites and events, too.
  void remove(ProcessId process, std::uint32_t pool);

 private:
  Database& database_;
  std::optional<Statement> pool_, site_, backing_, remove_pool_, remove_sites_;
  std::optional<Statement> event_, remove_events_;
};

}  // namespace memoir
