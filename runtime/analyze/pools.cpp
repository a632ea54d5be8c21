#include "analyze/pools.h"

#include <algorithm>

namespace memoir {
namespace {

std::uint32_t id(const Statement& row, int column) {
  return static_cast<std::uint32_t>(row.integer(column));
}

Pool read_pool(const Statement& row) {
  Pool pool;
  PoolRow& to = pool.row;
  to.process = {id(row, 0)};
  to.pool = id(row, 1);
  to.parent = id(row, 2);
  to.kind = row.text(3);
  to.name = row.text(4);
  pool.function = row.text(5);
  pool.file = row.text(6);
  pool.line = row.integer(7);
  to.allocations = row.natural(8);
  to.frees = row.natural(9);
  to.live_blocks = row.natural(10);
  to.live_bytes = row.natural(11);
  to.peak_bytes = row.natural(12);
  to.resets = row.natural(13);
  to.created = row.natural(14);
  if (!row.is_null(15)) to.ended = row.natural(15);
  to.stack = {id(row, 16)};
  to.instances = row.natural(17);
  return pool;
}

PoolSite read_site(const Statement& row) {
  PoolSite site;
  site.function = row.is_null(0) ? "(no call stack)" : std::string(row.text(0));
  site.file = row.text(1);
  site.line = row.integer(2);
  site.figures.allocations = row.natural(3);
  site.figures.frees = row.natural(4);
  site.figures.allocated_bytes = row.natural(5);
  site.figures.live_blocks = row.natural(6);
  site.figures.live_bytes = row.natural(7);
  site.figures.peak_bytes = row.natural(8);
  site.figures.stack = {id(row, 9)};
  return site;
}

// Several stacks may lead to one place.
void add_site(std::vector<PoolSite>& sites, const PoolSite& site) {
  const auto same = std::find_if(sites.begin(), sites.end(), [&](const PoolSite& other) {
    return other.function == site.function && other.file == site.file &&
           other.line == site.line;
  });
  if (same == sites.end()) {
    sites.push_back(site);
    return;
  }
  PoolSiteRow& to = same->figures;
  to.allocations += site.figures.allocations;
  to.frees += site.figures.frees;
  to.allocated_bytes += site.figures.allocated_bytes;
  to.live_blocks += site.figures.live_blocks;
  to.live_bytes += site.figures.live_bytes;
  to.peak_bytes += site.figures.peak_bytes;
}

}  // namespace

std::vector<Pool> find_pools(Database& database, std::optional<ProcessId> only,
                             std::size_t most_sites) {
  std::vector<Pool> pools;
  Statement rows = database.prepare(
      "SELECT process, pool, parent, kind, name, function, file, line, allocations, "
      "frees,"
      " live_blocks, live_bytes, peak_bytes, resets, created, ended, stack,"
      " instances FROM pools"
      " WHERE ?1 IS NULL OR process = ?1");
  if (only) rows.bind(0, only->value);
  while (rows.step()) pools.push_back(read_pool(rows));
  Statement sites = database.prepare(
      "SELECT function, file, line, allocations, frees, allocated_bytes, live_blocks,"
      " live_bytes, peak_bytes, stack FROM pool_sites WHERE process = ?1 AND pool = ?2"
      " ORDER BY live_bytes DESC, allocated_bytes DESC");
  Statement events = database.prepare(
      "SELECT kind, sum(count) AS n FROM pool_event WHERE process = ?1 AND pool = ?2"
      " GROUP BY kind ORDER BY n DESC, kind");
  for (Pool& pool : pools) {
    events.reset();
    events.bind(0, pool.row.process.value);
    events.bind(1, pool.row.pool);
    while (events.step()) {
      pool.events.push_back({std::string(events.text(0)), events.natural(1)});
    }
    sites.reset();
    sites.bind(0, pool.row.process.value);
    sites.bind(1, pool.row.pool);
    while (most_sites != 0 && sites.step()) {
      PoolSite site = read_site(sites);
      site.figures.process = pool.row.process;
      site.figures.pool = pool.row.pool;
      add_site(pool.sites, site);
    }
    if (pool.sites.size() > most_sites) pool.sites.resize(most_sites);
  }
  return pools;
}

}  // namespace memoir
