#include "trace/pool_table.h"

#include <string_view>

namespace memoir {
namespace {

Statement& prepared(Database& database, std::optional<Statement>& slot,
                    std::string_view sql) {
  if (!slot) slot = database.prepare(sql);
  return *slot;
}

std::optional<std::string_view> known(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

void PoolTable::put(const PoolRow& row) {
  prepared(database_, pool_,
           "INSERT OR REPLACE INTO pool VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .run(row.process.value, row.pool,
           row.parent == 0 ? std::nullopt : std::optional(row.parent), row.kind,
           known(row.name), row.stack.value, row.allocations, row.frees, row.live_blocks,
           row.live_bytes, row.peak_bytes, row.resets, row.created, row.ended,
           row.instances);
}

void PoolTable::put(const PoolSiteRow& row) {
  prepared(database_, site_, "INSERT OR REPLACE INTO pool_site VALUES(?,?,?,?,?,?,?,?,?)")
      .run(row.process.value, row.pool, row.stack.value, row.allocations, row.frees,
           row.allocated_bytes, row.live_blocks, row.live_bytes, row.peak_bytes);
}

void PoolTable::remove(ProcessId process, std::uint32_t pool) {
  prepared(database_, remove_pool_, "DELETE FROM pool WHERE process = ? AND id = ?")
      .run(process.value, pool);
  prepared(database_, remove_sites_,
           "DELETE FROM pool_site WHERE process = ? AND pool = ?")
      .run(process.value, pool);
}

void PoolTable::put(const PoolBackingRow& row) {
  prepared(database_, backing_, "INSERT OR REPLACE INTO pool_backing VALUES(?,?,?,?)")
      .run(row.process.value, row.stack.value, row.blocks, row.bytes);
}

}  // namespace memoir
