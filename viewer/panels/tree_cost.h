#pragma once

// What the stacks of a call tree cost: the figures that the tree and the flame graph can
// show, and the tree that a question about one of them gets.
//
// Thread safety: pure functions, but for grow_tree(), which is the worker's.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/call_tree.h"
#include "analyze/filter.h"
#include "analyze/site_rows.h"
#include "viewer/shared_index.h"
#include "viewer/view.h"
#include "viewer/worker.h"

namespace memoir {

enum class TreeCost {
  kLeaked,
  kAtPeak,
  kOwnPeak,
  kAllocated,
  kCount,
  kTemporary,
  kLiveAtMoment,      // at the cursor of the timeline
  kAllocatedInRange,  // in the chosen stretch of time
  kGrownInRange,      // made in it and still there at its end
  kChangeInRange,     // live at its end, against its beginning
  kLeakedChange,      // the second trace, against the first
  kPeakChange,
  kAllocatedChange,
};

struct TreeCostRow {
  TreeCost cost;
  const char* name;
  const char* title;
  std::optional<SiteOrder> order;  // that traces have figures of
  enum class Needs { kNothing, kMoment, kRange, kOtherTrace } needs;
  bool is_change;
};

std::span<const TreeCostRow> tree_costs();
const TreeCostRow& tree_cost_row(TreeCost cost);
bool counts_bytes(TreeCost cost);
// "1.5 KiB", "1,234" where blocks are counted, "+1.5 KiB" of a change.
std::string cost_text(TreeCost cost, std::int64_t value);

struct TreeQuestion {
  TreeCost cost = TreeCost::kAllocated;
  CallTreeOptions options;
  std::optional<ProcessId> process;
  std::optional<std::uint64_t> moment;
  std::optional<TimeRange> range;
  Filter filter;
  Stacks stacks;
  SharedIndex::Pointer index;  // where single events are asked
  // Where the second trace is asked: its stacks and what they cost.
  Stacks other_stacks;
  std::shared_ptr<const std::vector<StackCost>> other_costs;
};

CallTree grow_tree(const TreeQuestion& question, QueryContext& query);
// Those of stacks that a filter takes.
std::vector<StackCost> taken_costs(const Filter& filter, const StackStore& stacks,
                                   std::vector<StackCost> costs);

}  // namespace memoir
