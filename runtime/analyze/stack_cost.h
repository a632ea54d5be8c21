#pragma once

// What stacks cost, in whatever way: the one form that trees, flame graphs, comparisons
// and sources take it in.
//
// Pure functions. Sums stop at the ends of their type instead of going round, so that
// figures of a damaged trace are wrong, but nothing more.

#include <cstdint>
#include <span>
#include <vector>

#include "analyze/pools.h"
#include "analyze/site_rows.h"
#include "trace/ids.h"

namespace memoir {

struct Cost {
  std::int64_t value = 0;   // bytes, or blocks; negative where a difference is
  std::int64_t count = 0;   // blocks, where they are known
  std::int64_t before = 0;  // of a difference: what `value` is more than
  std::int64_t weight = 0;  // how large it is drawn, never negative

  void add(const Cost& other);
  bool is_zero() const { return value == 0 && count == 0 && before == 0 && weight == 0; }
  friend bool operator==(const Cost&, const Cost&) = default;
};

struct StackCost {
  TraceStackId stack;
  Cost cost;
};

// As large as its value is, on whichever side of zero.
Cost plain_cost(std::int64_t value, std::int64_t count);
// From `before` to `after`: as large as the larger of them.
Cost difference_cost(std::int64_t before, std::int64_t after, std::int64_t count);
// Of figures of a trace, which count in naturals.
std::int64_t clamp_figure(std::uint64_t figure);

// A figure of every site, those of 0 left out; `count`: the blocks that it is of, where
// the trace knows.
std::vector<StackCost> site_costs(std::span<const SiteEntry> sites, SiteOrder order);
// The same of blocks of pools: the trace knows nothing of at-peak and temporary there.
std::vector<StackCost> pool_costs(const Pool& pool, SiteOrder order);

// Of any map from stacks (numbers or ids) to a figure.
template <typename Map>
std::vector<StackCost> map_costs(const Map& map) {
  std::vector<StackCost> costs;
  costs.reserve(map.size());
  for (const auto& [stack, value] : map) {
    costs.push_back(
        {TraceStackId{stack}, plain_cost(static_cast<std::int64_t>(value), 0)});
  }
  return costs;
}

Cost total_cost(std::span<const StackCost> costs);

}  // namespace memoir
