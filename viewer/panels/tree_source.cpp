#include "viewer/panels/tree_source.h"

#include <fmt/format.h>
#include <imgui.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "analyze/event_index.h"
#include "analyze/filter.h"
#include "analyze/filter_stacks.h"
#include "analyze/moments.h"
#include "analyze/stack_cost.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/cost_choice.h"

namespace memoir {
namespace {

// What is lighter could not be seen in any picture.
constexpr double kLeastShare = 2e-5;

struct CostRow {
  TreeCost cost;
  const char* name;
  const char* title;
  std::optional<SiteOrder> order;  // that the trace has figures of
};

constexpr std::array<CostRow, 9> kCosts = {{
    {TreeCost::kLeaked, "leaked", "Leaked", SiteOrder::kLeaked},
    {TreeCost::kAtPeak, "peak", "At the peak", SiteOrder::kAtPeak},
    {TreeCost::kOwnPeak, "own-peak", "Own peaks", SiteOrder::kOwnPeak},
    {TreeCost::kAllocated, "allocated", "Allocated", SiteOrder::kAllocated},
    {TreeCost::kCount, "count", "Allocations", SiteOrder::kCount},
    {TreeCost::kTemporary, "temporary", "Temporary", SiteOrder::kTemporary},
    {TreeCost::kLiveAtMoment, "live", "Live at the cursor", std::nullopt},
    {TreeCost::kAllocatedInRange, "range", "Allocated in the range", std::nullopt},
    {TreeCost::kGrownInRange, "grown", "Grown in the range", std::nullopt},
}};

const CostRow& row_of(TreeCost cost) { return kCosts[static_cast<std::size_t>(cost)]; }

bool is_possible(TreeCost cost, const View& view) {
  if (cost == TreeCost::kLiveAtMoment) return view.moment.has_value();
  return row_of(cost).order || view.range.has_value();
}

struct Question {
  TreeCost cost;
  CallTreeOptions options;
  std::optional<ProcessId> process;
  std::optional<std::uint64_t> moment;
  std::optional<TimeRange> range;
  Filter filter;
  Stacks stacks;
  SharedIndex::Pointer index;  // where single events are asked
};

std::vector<StackCost> costs_of_events(const Question& question, const Job& job) {
  const EventIndex& index = *question.index;
  std::vector<StackCost> costs;
  const auto add = [&costs](std::uint32_t stack, std::uint64_t bytes,
                            std::uint64_t blocks) {
    if (bytes == 0 && blocks == 0) return;
    costs.push_back(
        {TraceStackId{stack}, plain_cost(clamp_figure(bytes), clamp_figure(blocks))});
  };
  if (question.cost == TreeCost::kLiveAtMoment) {
    const std::uint64_t moment = index.view().moment_at(*question.moment);
    for (const auto& entry : heap_at(index, moment, job).stacks) {
      add(entry.stack, entry.figures.bytes, entry.figures.blocks);
    }
    return costs;
  }
  const std::uint64_t begin = index.view().moment_at(question.range->begin);
  const std::uint64_t end = index.view().moment_at(question.range->end);
  for (const auto& entry : heap_between(index, begin, end, job).stacks) {
    const StackChange& change = entry.figures;
    question.cost == TreeCost::kAllocatedInRange
        ? add(entry.stack, change.flow.allocated_bytes, change.flow.allocations)
        : add(entry.stack, change.grown.bytes, change.grown.blocks);
  }
  return costs;
}

CallTree grow(const Question& question, QueryContext& query) {
  const std::optional<SiteOrder> order = row_of(question.cost).order;
  std::vector<StackCost> costs =
      order ? site_costs(read_sites(query.database(), SiteKind::kHeap, question.process),
                         *order)
            : costs_of_events(question, query.job());
  if (const auto chosen = select_stacks(question.filter, *question.stacks)) {
    std::erase_if(costs, [&](const StackCost& cost) {
      return !chosen->contains(cost.stack.value);
    });
  }
  return CallTree(question.stacks, costs, question.options);
}

}  // namespace

std::string_view tree_cost_title(TreeCost cost) { return row_of(cost).title; }

bool counts_bytes(TreeCost cost) {
  return cost != TreeCost::kCount && cost != TreeCost::kTemporary;
}

std::string cost_text(TreeCost cost, std::int64_t value) {
  return cost_text(value, counts_bytes(cost));
}

// Until somebody chooses: what is asked for by the moment or the range, and else what
// leaked or was allocated.
void TreeSource::choose_cost(const View& view) {
  if (cost_is_chosen_ && is_possible(cost_, view)) return;
  cost_is_chosen_ = false;
  cost_ = view.range    ? TreeCost::kAllocatedInRange
          : view.moment ? TreeCost::kLiveAtMoment
                        : TreeCost::kAllocated;
}

void TreeSource::turn_round() {
  options_.direction = options_.direction == TreeDirection::kTopDown
                           ? TreeDirection::kBottomUp
                           : TreeDirection::kTopDown;
}

void TreeSource::draw_controls(PanelContext& context) {
  const View& view = context.app.view();
  choose_cost(view);
  const std::string name = name_;
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 13);
  if (ImGui::BeginCombo("##cost", std::string(tree_cost_title(cost_)).c_str())) {
    for (const CostRow& row : kCosts) {
      if (!is_possible(row.cost, view)) continue;
      if (ImGui::Selectable(row.title, row.cost == cost_)) {
        cost_ = row.cost;
        cost_is_chosen_ = true;
      }
      mark(name + ".cost." + row.name);
    }
    ImGui::EndCombo();
  } else {
    mark(name + ".cost", row_of(cost_).name);
  }
  ImGui::SameLine();
  const bool bottom_up = options_.direction == TreeDirection::kBottomUp;
  if (ImGui::Button(bottom_up ? "bottom-up" : "top-down")) turn_round();
  tooltip("What functions called, or who called them  (I)");
  mark(name + ".direction", bottom_up ? "bottom-up" : "top-down");
  if (context.app.take(Command::kInvert)) turn_round();
  const auto box = [&](const char* label, const char* mark_name, bool& value) {
    ImGui::SameLine();
    ImGui::Checkbox(label, &value);
    mark(name + mark_name, value ? "on" : "off");
  };
  box("lines", ".by_line", options_.by_line);
  box("no system", ".hide_system", options_.hide_system);
  box("fold recursion", ".collapse", options_.collapse_recursion);
}

const CallTree* TreeSource::tree(PanelContext& context) {
  TraceSession& session = context.session;
  const View& view = context.app.view();
  choose_cost(view);
  Answer<Stacks>& stacks = session.stacks();
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return nullptr;
  Question question = {cost_,           options_,   view.process,
                       view.moment,     view.range, parse_filter(view.filter).filter,
                       *stacks.value(), nullptr};
  question.options.min_share = kLeastShare;
  std::string key =
      fmt::format("tree {} {} {} {} {} {} {}", static_cast<int>(cost_),
                  static_cast<int>(options_.direction), options_.by_line,
                  options_.hide_system, options_.collapse_recursion,
                  view.process ? view.process->value : 0, filter_text(question.filter));
  if (!row_of(cost_).order) {
    Answer<SharedIndex::Pointer>& index =
        session.index(session.main_process(view.process));
    if (!answer_is_there(index, index.value() != nullptr)) return nullptr;
    question.index = *index.value();
    key +=
        fmt::format(" {} {} {}", view.moment.value_or(0),
                    view.range ? view.range->begin : 0, view.range ? view.range->end : 0);
  }
  tree_.ask(session.scanner(), session.key(key), "Growing the call tree",
            [question](QueryContext& query) { return grow(question, query); });
  if (!answer_is_there(tree_, tree_.value() != nullptr)) return nullptr;
  if (tree_.value()->root().inclusive.weight == 0) {
    empty_state(
        icon::kTree, theme().faint_text, "Nothing to show",
        view.filter.empty()
            ? fmt::format("{}: none. Choose another cost above.", tree_cost_title(cost_))
            : fmt::format("The filter takes none of it: {}", view.filter));
    return nullptr;
  }
  return tree_.value();
}

}  // namespace memoir
