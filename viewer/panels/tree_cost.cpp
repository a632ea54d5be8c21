#include "viewer/panels/tree_cost.h"

#include <array>
#include <unordered_map>
#include <utility>

#include "analyze/compare.h"
#include "analyze/event_index.h"
#include "analyze/filter_stacks.h"
#include "analyze/moments.h"
#include "analyze/stack_cost.h"
#include "viewer/widgets/cost_choice.h"

namespace memoir {
namespace {

using Needs = TreeCostRow::Needs;

constexpr std::array<TreeCostRow, 13> kCosts = {{
    {TreeCost::kLeaked, "leaked", "Leaked", SiteOrder::kLeaked, Needs::kNothing, false},
    {TreeCost::kAtPeak, "peak", "At the peak", SiteOrder::kAtPeak, Needs::kNothing,
     false},
    {TreeCost::kOwnPeak, "own-peak", "Own peaks", SiteOrder::kOwnPeak, Needs::kNothing,
     false},
    {TreeCost::kAllocated, "allocated", "Allocated", SiteOrder::kAllocated,
     Needs::kNothing, false},
    {TreeCost::kCount, "count", "Allocations", SiteOrder::kCount, Needs::kNothing, false},
    {TreeCost::kTemporary, "temporary", "Temporary", SiteOrder::kTemporary,
     Needs::kNothing, false},
    {TreeCost::kLiveAtMoment, "live", "Live at the cursor", {}, Needs::kMoment, false},
    {TreeCost::kAllocatedInRange,
     "range",
     "Allocated in the range",
     {},
     Needs::kRange,
     false},
    {TreeCost::kGrownInRange, "grown", "Grown in the range", {}, Needs::kRange, false},
    {TreeCost::kChangeInRange,
     "change",
     "Change over the range",
     {},
     Needs::kRange,
     true},
    {TreeCost::kLeakedChange, "leaked-change", "Leaked, change", SiteOrder::kLeaked,
     Needs::kOtherTrace, true},
    {TreeCost::kPeakChange, "peak-change", "At the peak, change", SiteOrder::kAtPeak,
     Needs::kOtherTrace, true},
    {TreeCost::kAllocatedChange, "allocated-change", "Allocated, change",
     SiteOrder::kAllocated, Needs::kOtherTrace, true},
}};

std::vector<StackCost> live_costs(const EventIndex& index, std::uint64_t moment,
                                  const Job& job) {
  std::vector<StackCost> costs;
  for (const auto& entry : heap_at(index, moment, job).stacks) {
    if (entry.figures.bytes == 0 && entry.figures.blocks == 0) continue;
    costs.push_back(
        {TraceStackId{entry.stack}, plain_cost(clamp_figure(entry.figures.bytes),
                                               clamp_figure(entry.figures.blocks))});
  }
  return costs;
}

// The stacks are the same ones on both sides.
std::vector<StackCost> changes(std::span<const StackCost> before,
                               std::span<const StackCost> after) {
  std::unordered_map<std::uint32_t, std::pair<Cost, Cost>> sides;
  for (const StackCost& one : before) sides[one.stack.value].first.add(one.cost);
  for (const StackCost& one : after) sides[one.stack.value].second.add(one.cost);
  std::vector<StackCost> costs;
  costs.reserve(sides.size());
  for (const auto& [stack, side] : sides) {
    costs.push_back(
        {TraceStackId{stack}, difference_cost(side.first.value, side.second.value,
                                              side.second.count - side.first.count)});
  }
  return costs;
}

std::vector<StackCost> costs_in_range(const TreeQuestion& question, const Job& job) {
  const EventIndex& index = *question.index;
  const std::uint64_t begin = index.view().moment_at(question.range->begin);
  const std::uint64_t end = index.view().moment_at(question.range->end);
  if (question.cost == TreeCost::kChangeInRange) {
    return changes(live_costs(index, begin, job), live_costs(index, end, job));
  }
  std::vector<StackCost> costs;
  for (const auto& entry : heap_between(index, begin, end, job).stacks) {
    const StackChange& change = entry.figures;
    const bool flow = question.cost == TreeCost::kAllocatedInRange;
    const std::uint64_t bytes = flow ? change.flow.allocated_bytes : change.grown.bytes;
    const std::uint64_t blocks = flow ? change.flow.allocations : change.grown.blocks;
    if (bytes == 0 && blocks == 0) continue;
    costs.push_back({TraceStackId{entry.stack},
                     plain_cost(clamp_figure(bytes), clamp_figure(blocks))});
  }
  return costs;
}

}  // namespace

std::span<const TreeCostRow> tree_costs() { return kCosts; }

const TreeCostRow& tree_cost_row(TreeCost cost) {
  return kCosts[static_cast<std::size_t>(cost)];
}

bool counts_bytes(TreeCost cost) {
  return cost != TreeCost::kCount && cost != TreeCost::kTemporary;
}

std::string cost_text(TreeCost cost, std::int64_t value) {
  return tree_cost_row(cost).is_change ? change_text(value, counts_bytes(cost))
                                       : cost_text(value, counts_bytes(cost));
}

std::vector<StackCost> taken_costs(const Filter& filter, const StackStore& stacks,
                                   std::vector<StackCost> costs) {
  if (const auto chosen = select_stacks(filter, stacks)) {
    std::erase_if(costs, [&](const StackCost& cost) {
      return !chosen->contains(cost.stack.value);
    });
  }
  return costs;
}

CallTree grow_tree(const TreeQuestion& question, QueryContext& query) {
  const TreeCostRow& row = tree_cost_row(question.cost);
  const auto own_costs = [&] {
    if (row.order) {
      return site_costs(read_sites(query.database(), SiteKind::kHeap, question.process),
                        *row.order);
    }
    if (row.needs == Needs::kRange) return costs_in_range(question, query.job());
    const EventIndex& index = *question.index;
    return live_costs(index, index.view().moment_at(*question.moment), query.job());
  };
  const std::vector<StackCost> costs =
      taken_costs(question.filter, *question.stacks, own_costs());
  if (row.needs != Needs::kOtherTrace) {
    return CallTree(question.stacks, costs, question.options);
  }
  const std::vector<StackCost> other =
      taken_costs(question.filter, *question.other_stacks, *question.other_costs);
  const Comparison comparison({question.stacks, costs}, {question.other_stacks, other});
  return CallTree(comparison.stacks(), comparison.costs(), question.options);
}

}  // namespace memoir
