#include "analyze/stack_cost.h"

#include <algorithm>
#include <limits>

namespace memoir {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_add_overflow(a, b, &result)) return result;
  return a < 0 ? kLeast : kMost;
}

std::int64_t difference(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return a < 0 ? kLeast : kMost;
}

std::int64_t magnitude(std::int64_t value) {
  return value >= 0 ? value : value == kLeast ? kMost : -value;
}

// The blocks that a figure counts.
std::uint64_t blocks_of(const SiteFigures& figures, SiteOrder order) {
  switch (order) {
    case SiteOrder::kLeaked:
      return figures.live_blocks;
    case SiteOrder::kAtPeak:
    case SiteOrder::kOwnPeak:
      return 0;
    case SiteOrder::kAllocated:
    case SiteOrder::kCount:
      return figures.allocations;
    case SiteOrder::kTemporary:
      return figures.temporary;
  }
  return 0;
}

}  // namespace

void Cost::add(const Cost& other) {
  value = sum(value, other.value);
  count = sum(count, other.count);
  before = sum(before, other.before);
  weight = sum(weight, other.weight);
}

Cost plain_cost(std::int64_t value, std::int64_t count) {
  return {value, count, 0, magnitude(value)};
}

Cost difference_cost(std::int64_t before, std::int64_t after, std::int64_t count) {
  return {difference(after, before), count, before,
          std::max(magnitude(before), magnitude(after))};
}

std::int64_t clamp_figure(std::uint64_t figure) {
  return figure > static_cast<std::uint64_t>(kMost) ? kMost
                                                    : static_cast<std::int64_t>(figure);
}

std::vector<StackCost> site_costs(std::span<const SiteEntry> sites, SiteOrder order) {
  std::vector<StackCost> costs;
  costs.reserve(sites.size());
  for (const SiteEntry& site : sites) {
    const std::int64_t value = clamp_figure(site.figures.value(order));
    if (value == 0) continue;
    costs.push_back(
        {site.stack, plain_cost(value, clamp_figure(blocks_of(site.figures, order)))});
  }
  return costs;
}

std::vector<StackCost> pool_costs(const Pool& pool, SiteOrder order) {
  std::vector<StackCost> costs;
  for (const PoolSite& site : pool.sites) {
    const PoolSiteRow& row = site.figures;
    SiteFigures figures;
    figures.allocations = row.allocations;
    figures.frees = row.frees;
    figures.allocated_bytes = row.allocated_bytes;
    figures.live_blocks = row.live_blocks;
    figures.live_bytes = row.live_bytes;
    figures.peak_bytes = row.peak_bytes;
    const std::int64_t value = clamp_figure(figures.value(order));
    if (value == 0) continue;
    costs.push_back(
        {row.stack, plain_cost(value, clamp_figure(blocks_of(figures, order)))});
  }
  return costs;
}

Cost total_cost(std::span<const StackCost> costs) {
  Cost total;
  for (const StackCost& cost : costs) total.add(cost.cost);
  return total;
}

}  // namespace memoir
