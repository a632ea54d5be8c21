#include "viewer/panels/tree_source.h"

#include <fmt/format.h>
#include <imgui.h>

#include "analyze/compare.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

// What is lighter could not be seen in any picture.
constexpr double kLeastShare = 2e-5;

bool is_possible(const TreeCostRow& row, const App& app) {
  switch (row.needs) {
    case TreeCostRow::Needs::kNothing:
      return true;
    case TreeCostRow::Needs::kMoment:
      return app.view().moment.has_value();
    case TreeCostRow::Needs::kRange:
      return app.view().range.has_value();
    case TreeCostRow::Needs::kOtherTrace:
      return app.other_session() != nullptr;
  }
  return false;
}

}  // namespace

// Until somebody chooses: what is asked for by the moment or the range, and else what
// was allocated.
void TreeSource::choose_cost(const App& app) {
  if (cost_is_chosen_ && is_possible(tree_cost_row(cost_), app)) return;
  cost_is_chosen_ = false;
  cost_ = app.view().range    ? TreeCost::kAllocatedInRange
          : app.view().moment ? TreeCost::kLiveAtMoment
                              : TreeCost::kAllocated;
}

void TreeSource::turn_round() {
  options_.direction = options_.direction == TreeDirection::kTopDown
                           ? TreeDirection::kBottomUp
                           : TreeDirection::kTopDown;
}

void TreeSource::draw_controls(PanelContext& context) {
  choose_cost(context.app);
  const std::string name = name_;
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 13);
  if (ImGui::BeginCombo("##cost", tree_cost_row(cost_).title,
                        ImGuiComboFlags_HeightLarge)) {
    for (const TreeCostRow& row : tree_costs()) {
      if (!is_possible(row, context.app)) continue;
      if (ImGui::Selectable(row.title, row.cost == cost_)) {
        cost_ = row.cost;
        cost_is_chosen_ = true;
      }
      mark(name + ".cost." + row.name);
    }
    ImGui::EndCombo();
  } else {
    mark(name + ".cost", tree_cost_row(cost_).name);
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

// What the second trace says, into the question; false while that is not there.
bool TreeSource::add_other_trace(TraceSession& other, TreeQuestion& question,
                                 std::optional<ProcessId> process, std::string& key) {
  Answer<Stacks>& stacks = other.stacks();
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return false;
  const SiteOrder order = *tree_cost_row(question.cost).order;
  const std::string asked =
      fmt::format("{} {} {} {}", other.key(other.path().string()), site_order_name(order),
                  stacks.version(), process ? process->value : 0);
  other_.ask(
      other.scanner(), asked, "Reading the second trace", [=](QueryContext& query) {
        return site_costs(read_sites(query.database(), SiteKind::kHeap, process), order);
      });
  if (!answer_is_there(other_, other_.is_current())) return false;
  question.other_stacks = *stacks.value();
  question.other_costs = other_.share();
  key += asked;
  return true;
}

const CallTree* TreeSource::tree(PanelContext& context) {
  TraceSession& session = context.session;
  const View& view = context.app.view();
  choose_cost(context.app);
  Answer<Stacks>& stacks = session.stacks();
  if (!answer_is_there(stacks, stacks.value() != nullptr)) return nullptr;
  TreeQuestion question;
  question.cost = cost_;
  question.options = options_;
  question.options.min_share = kLeastShare;
  question.process = view.process;
  question.moment = view.moment;
  question.range = view.range;
  question.filter = parse_filter(view.filter).filter;
  question.stacks = *stacks.value();
  std::string key =
      fmt::format("tree {} {} {} {} {} {} {}", static_cast<int>(cost_),
                  static_cast<int>(options_.direction), options_.by_line,
                  options_.hide_system, options_.collapse_recursion,
                  view.process ? view.process->value : 0, filter_text(question.filter));
  const TreeCostRow& row = tree_cost_row(cost_);
  if (row.needs == TreeCostRow::Needs::kOtherTrace) {
    TraceSession& other = *context.app.other_session();
    if (other.facts() == nullptr) return nullptr;
    std::optional<ProcessId> process;
    if (view.process) {
      process = matching_process(session.facts()->run.processes, *view.process,
                                 other.facts()->run.processes);
    }
    if (!add_other_trace(other, question, process, key)) return nullptr;
  } else if (!row.order) {
    Answer<SharedIndex::Pointer>& index =
        session.index(session.main_process(view.process));
    if (!answer_is_there(index, index.value() != nullptr)) return nullptr;
    question.index = *index.value();
    key +=
        fmt::format(" {} {} {}", view.moment.value_or(0),
                    view.range ? view.range->begin : 0, view.range ? view.range->end : 0);
  }
  tree_.ask(session.scanner(), session.key(key), "Growing the call tree",
            [question](QueryContext& query) { return grow_tree(question, query); });
  if (!answer_is_there(tree_, tree_.value() != nullptr)) return nullptr;
  if (tree_.value()->root().inclusive.weight == 0) {
    empty_state(icon::kTree, theme().faint_text, "Nothing to show",
                view.filter.empty()
                    ? fmt::format("{}: none. Choose another cost above.", row.title)
                    : fmt::format("The filter takes none of it: {}", view.filter));
    return nullptr;
  }
  return tree_.value();
}

}  // namespace memoir
