#include "viewer/panels/tree_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <optional>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

enum Column : std::size_t { kFunction, kInclusive, kExclusive, kBlocks, kPlace };
constexpr std::array<TableColumn, 5> kColumns = {{
    {"Function", 0, false, "Enter, a double click or the arrow opens what it called"},
    {"Inclusive", 17, true, "With all that it called"},
    {"Itself", 12, true, "Without what it called"},
    {"Blocks", 11, true, "How many, where that is known"},
    {"Place", 22, false, "File, or module"},
}};
constexpr std::array<TableColumn, 2> kFunctionColumns = {{
    {"Function", 0, false, ""},
    {"Cost", 17, true, "Of the selected function's, what came by this way"},
}};

double share(const Cost& part, const Cost& whole) {
  return static_cast<double>(part.weight) /
         static_cast<double>(std::max<std::int64_t>(whole.weight, 1));
}

}  // namespace

void TreePanel::forget() {
  source_.forget();
  tree_version_ = 0;
  open_.clear();
  rows_.clear();
  selected_ = 0;
  neighbours_of_ = ~std::uint32_t{0};
}

void TreePanel::draw(PanelContext& context) {
  source_.draw_controls(context);
  ImGui::SameLine();
  ImGui::Checkbox("callers and callees", &shows_neighbours_);
  mark("tree.neighbours", shows_neighbours_ ? "on" : "off");
  const CallTree* tree = source_.tree(context);
  if (tree == nullptr) return;
  if (tree_version_ != source_.version()) {
    tree_version_ = source_.version();
    neighbours_of_ = ~std::uint32_t{0};
    open_heaviest(*tree);
  }
  const float room = ImGui::GetContentRegionAvail().y;
  ImGui::BeginChild("tree", {0, shows_neighbours_ ? room * 0.6f : 0});
  draw_table(*tree, context);
  ImGui::EndChild();
  if (shows_neighbours_) draw_neighbours(*tree, context);
}

// The first look shows where most of it is.
void TreePanel::open_heaviest(const CallTree& tree) {
  open_.clear();
  selected_ = 0;
  std::uint32_t node = 0;
  for (int depth = 0; depth < 12 && tree.node(node).children > 0; ++depth) {
    open_.insert(node);
    const std::uint32_t child = tree.node(node).first_child;
    if (share(tree.node(child).inclusive, tree.root().inclusive) < 0.2) break;
    node = child;
  }
  open_.insert(0);
  rows_are_stale_ = true;
}

void TreePanel::toggle(std::uint32_t node) {
  if (open_.erase(node) == 0) open_.insert(node);
  rows_are_stale_ = true;
}

void TreePanel::list_rows(const CallTree& tree) {
  rows_.clear();
  std::vector<std::uint32_t> waiting = {0};
  while (!waiting.empty()) {
    const std::uint32_t index = waiting.back();
    waiting.pop_back();
    rows_.push_back(index);
    const CallNode& node = tree.node(index);
    if (!open_.contains(index)) continue;
    for (std::uint32_t i = node.children; i > 0; --i) {
      waiting.push_back(node.first_child + i - 1);
    }
  }
  rows_are_stale_ = false;
}

void TreePanel::draw_table(const CallTree& tree, PanelContext& context) {
  if (rows_are_stale_) list_rows(tree);
  std::optional<std::size_t> selected;
  for (std::size_t i = 0; i < rows_.size() && !selected; ++i) {
    if (rows_[i] == selected_) selected = i;
  }
  const Table::Events events = table_.draw(
      "tree", kColumns, rows_.size(), selected, context.app,
      [&](std::size_t row, std::size_t column) { draw_cell(tree, rows_[row], column); },
      [&](std::size_t row) {
        return fmt::format("{} {}", tree.name(rows_[row]),
                           tree.node(rows_[row]).inclusive.value);
      });
  if (events.selected) {
    selected_ = rows_[*events.selected];
    View next = context.app.view();
    next.function = tree.name(selected_);
    next.file = tree.file(selected_);
    next.line = tree.node(selected_).line;
    context.app.change(next);
  }
  if (events.opened) toggle(rows_[*events.opened]);
  if (context.app.take(Command::kDrillOut)) {
    // Closed what is open; else to the caller's row.
    if (open_.contains(selected_) && tree.node(selected_).children > 0) {
      toggle(selected_);
    } else {
      selected_ = tree.node(selected_).parent;
      table_.show_selected();
    }
  }
}

void TreePanel::draw_cell(const CallTree& tree, std::uint32_t index, std::size_t column) {
  const CallNode& node = tree.node(index);
  ImGui::PushFont(fonts().mono);
  switch (column) {
    case kFunction: {
      const float step = scaled(12);
      const float most = ImGui::GetContentRegionAvail().x * 0.5f;
      ImGui::SetCursorPosX(ImGui::GetCursorPosX() +
                           std::min(most, static_cast<float>(node.depth) * step));
      if (node.children > 0) {
        coloured_text(theme().accent, open_.contains(index) ? "\u25be" : "\u25b8");
        if (marks_are_on()) mark(fmt::format("tree.arrow.{}", index));
        if (ImGui::IsItemClicked()) toggle(index);
      } else {
        ImGui::TextUnformatted(" ");
      }
      ImGui::SameLine(0, scaled(4));
      function_line(tree.name(index));
      break;
    }
    case kInclusive:
      draw_inclusive(node, share(node.inclusive, tree.root().inclusive));
      break;
    case kExclusive:
      if (node.exclusive.weight != 0) {
        right_aligned(cost_text(source_.cost(), node.exclusive.value));
      }
      break;
    case kBlocks:
      if (node.inclusive.count > 0) {
        right_aligned(format_count(static_cast<std::uint64_t>(node.inclusive.count)));
      }
      break;
    default: {
      ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
      const std::string_view file = tree.file(index);
      path_line(file.empty()     ? std::string(tree.module(index))
                : node.line != 0 ? fmt::format("{}:{}", file, node.line)
                                 : std::string(file));
      ImGui::PopStyleColor();
    }
  }
  ImGui::PopFont();
}

void TreePanel::draw_inclusive(const CallNode& node, double share) const {
  const TreeCost cost = source_.cost();
  const std::string text = cost_text(cost, node.inclusive.value);
  if (tree_cost_row(cost).is_change) {
    // Bars are as long as the larger side; what was there before tells their colour.
    share_bar(share, text,
              node.inclusive.value == 0  ? theme().unchanged
              : node.inclusive.value > 0 ? theme().grown
                                         : theme().shrunk);
    return;
  }
  share_bar(share, fmt::format("{}  {:>5.1f}%", text, share * 100),
            cost == TreeCost::kLeaked ? theme().leak : theme().live);
}

void TreePanel::draw_neighbours(const CallTree& tree, PanelContext& context) {
  if (tree.options().direction != TreeDirection::kTopDown) {
    faint_text("Callers and callees are told of the top-down tree.");
    return;
  }
  if (neighbours_of_ != selected_) {
    neighbours_of_ = selected_;
    neighbours_ = callers_and_callees(tree, selected_);
  }
  const float half = ImGui::GetContentRegionAvail().x / 2 - scaled(4);
  ImGui::BeginChild("callers", {half, 0});
  draw_functions("callers", tree, neighbours_.callers, context);
  ImGui::EndChild();
  ImGui::SameLine();
  ImGui::BeginChild("callees");
  draw_functions("callees", tree, neighbours_.callees, context);
  ImGui::EndChild();
}

void TreePanel::draw_functions(const char* name, const CallTree& tree,
                               const std::vector<FunctionCost>& functions,
                               PanelContext& context) {
  const bool is_callers = std::string_view(name) == "callers";
  faint_text(fmt::format("{} {}", is_callers ? "Who called" : "Called by",
                         short_name(tree.name(selected_), 50)));
  Table& table = is_callers ? caller_table_ : callee_table_;
  const Table::Events events = table.draw(
      name, kFunctionColumns, functions.size(), std::nullopt, context.app,
      [&](std::size_t row, std::size_t column) {
        ImGui::PushFont(fonts().mono);
        if (column == 0) {
          function_line(tree.stacks().text(functions[row].function));
        } else {
          share_bar(share(functions[row].inclusive, neighbours_.self.inclusive),
                    cost_text(source_.cost(), functions[row].inclusive.value),
                    theme().live);
        }
        ImGui::PopFont();
      },
      [&](std::size_t row) {
        return std::string(tree.stacks().text(functions[row].function));
      });
  if (!events.selected) return;
  selected_ = functions[*events.selected].node;
  // Its row, and those above, are opened.
  for (const std::uint32_t node : tree.path(selected_))
    open_.insert(tree.node(node).parent);
  rows_are_stale_ = true;
  table_.show_selected();
}

}  // namespace memoir
