#include "analyze/site_rows.h"

namespace memoir {
namespace {

constexpr const char* kSites =
    "SELECT a.frame, s.stack, s.api, s.allocations, s.frees, s.allocated_bytes,"
    " max(0, s.live_blocks - coalesce(b.blocks, 0)),"
    " max(0, s.live_bytes - coalesce(b.bytes, 0)), s.peak_bytes, s.at_global_peak,"
    " s.temporary, s.process"
    " FROM site s LEFT JOIN attribution a ON a.stack = s.stack"
    " LEFT JOIN pool_backing b ON b.process = s.process AND b.stack = s.stack"
    "  AND b.api = s.api"
    " WHERE (s.api IN (SELECT id FROM api WHERE mapping = 1)) = ?1"
    " AND (?2 IS NULL OR s.process = ?2)"
    // Blocks of pools were allocated with what holds them, but are leaked by themselves.
    " UNION ALL "
    "SELECT a.frame, s.stack, (SELECT id FROM api WHERE name = 'pool'), 0, 0, 0,"
    " s.live_blocks, s.live_bytes, 0, 0, 0, s.process"
    " FROM pool_site s JOIN pool o ON o.process = s.process AND o.id = s.pool"
    " LEFT JOIN attribution a ON a.stack = s.stack"
    " WHERE s.live_blocks > 0 AND o.ended IS NULL AND ?1 = 0"
    " AND (?2 IS NULL OR s.process = ?2)";

}  // namespace

std::string_view site_order_name(SiteOrder order) {
  switch (order) {
    case SiteOrder::kLeaked:
      return "leaked";
    case SiteOrder::kAtPeak:
      return "peak";
    case SiteOrder::kOwnPeak:
      return "own-peak";
    case SiteOrder::kAllocated:
      return "allocated";
    case SiteOrder::kCount:
      return "count";
    case SiteOrder::kTemporary:
      return "temporary";
  }
  return "";
}

std::optional<SiteOrder> parse_site_order(std::string_view name) {
  for (const SiteOrder order : kSiteOrders) {
    if (site_order_name(order) == name) return order;
  }
  return std::nullopt;
}

std::uint64_t SiteFigures::value(SiteOrder order) const {
  switch (order) {
    case SiteOrder::kLeaked:
      return live_bytes;
    case SiteOrder::kAtPeak:
      return at_global_peak;
    case SiteOrder::kOwnPeak:
      return peak_bytes;
    case SiteOrder::kAllocated:
      return allocated_bytes;
    case SiteOrder::kCount:
      return allocations;
    case SiteOrder::kTemporary:
      return temporary;
  }
  return 0;
}

void SiteFigures::add(const SiteFigures& other) {
  allocations += other.allocations;
  frees += other.frees;
  allocated_bytes += other.allocated_bytes;
  live_blocks += other.live_blocks;
  live_bytes += other.live_bytes;
  peak_bytes += other.peak_bytes;
  at_global_peak += other.at_global_peak;
  temporary += other.temporary;
}

std::vector<SiteEntry> read_sites(Database& database, SiteKind kind,
                                  std::optional<ProcessId> only) {
  Statement rows = database.prepare(kSites);
  rows.bind(0, kind == SiteKind::kMapping);
  if (only) rows.bind(1, only->value);
  std::vector<SiteEntry> entries;
  const auto small = [&rows](int column) {
    return static_cast<std::uint32_t>(rows.integer(column));
  };
  while (rows.step()) {
    entries.push_back(
        {{small(1)},
         {small(0)},
         {small(11)},
         small(2),
         {rows.natural(3), rows.natural(4), rows.natural(5), rows.natural(6),
          rows.natural(7), rows.natural(8), rows.natural(9), rows.natural(10)}});
  }
  return entries;
}

}  // namespace memoir
