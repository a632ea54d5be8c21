#include "trace/pool_table.h"

#include <iterator>
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

std::string_view pool_event_name(std::uint8_t kind) {
  constexpr std::string_view kNames[] = {
      "unknown",
#define MEMOIR_POOL_EVENT(name, upper, number, walks) #name,
#include "memoir/pool_event.inc"
#undef MEMOIR_POOL_EVENT
  };
  return kNames[kind < std::size(kNames) ? kind : 0];
}

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
  prepared(database_, remove_events_,
           "DELETE FROM pool_event WHERE process = ? AND pool = ?")
      .run(process.value, pool);
}

void PoolTable::put(ProcessId process, std::uint32_t pool, std::uint64_t number,
                    const PoolEventRow& row) {
  const auto unless_zero = [](std::uint64_t value) {
    return value == 0 ? std::nullopt : std::optional(value);
  };
  prepared(database_, event_,
           "INSERT OR REPLACE INTO pool_event"
           " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .run(process.value, pool, number, pool_event_name(row.kind), known(row.detail),
           unless_zero(row.thread), unless_zero(row.from_thread), known(row.file),
           unless_zero(row.line), row.count, row.bytes, row.amount, row.last_bytes,
           row.last_amount, unless_zero(row.address), row.first_t, row.last_t,
           unless_zero(row.stack.value));
}

void PoolTable::put(const PoolBackingRow& row) {
  prepared(database_, backing_, "INSERT OR REPLACE INTO pool_backing VALUES(?,?,?,?,?)")
      .run(row.process.value, row.stack.value, row.api, row.blocks, row.bytes);
}

}  // namespace memoir
