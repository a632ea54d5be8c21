#include "viewer/panels/flame_panel.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"
#include "viewer/widgets/cost_choice.h"

namespace memoir {
namespace {

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto equal = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), equal) !=
         text.end();
}

std::string share_of(const Cost& part, const Cost& whole) {
  return format_percent(
      static_cast<std::uint64_t>(std::max<std::int64_t>(part.weight, 0)),
      static_cast<std::uint64_t>(std::max<std::int64_t>(whole.weight, 1)));
}

}  // namespace

void FlamePanel::forget() {
  source_.forget();
  view_ = {};
  tree_version_ = 0;
  searched_.clear();
  search_ = {};
}

void FlamePanel::draw(PanelContext& context) {
  source_.draw_controls(context);
  const CallTree* tree = source_.tree(context);
  if (tree == nullptr) return;
  if (tree_version_ != source_.version()) {
    tree_version_ = source_.version();
    view_ = {};
    searched_.clear();
    search_ = {};
  }
  if (context.app.take(Command::kFlip)) is_icicle_ = !is_icicle_;
  draw_search(*tree);
  draw_graph(*tree, context);
}

void FlamePanel::draw_search(const CallTree& tree) {
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 18);
  ImGui::InputTextWithHint("##search", "search functions", &search_text_);
  mark("flame.search", search_text_);
  if (search_text_ != searched_) {
    searched_ = search_text_;
    search_ = searched_.empty() ? FlameSearch()
                                : search_tree(tree, [this](std::string_view name) {
                                    return contains_ignoring_case(name, searched_);
                                  });
  }
  ImGui::SameLine();
  const CallNode& shown = tree.node(view_.node);
  std::string text =
      view_.node == 0
          ? fmt::format("{} {}", tree_cost_row(source_.cost()).title,
                        cost_text(source_.cost(), shown.inclusive.value))
          : fmt::format("{}: {}, {} of all", short_name(tree.name(view_.node), 60),
                        cost_text(source_.cost(), shown.inclusive.value),
                        share_of(shown.inclusive, tree.root().inclusive));
  if (!searched_.empty()) {
    text =
        fmt::format("{} in {} match, {}", cost_text(source_.cost(), search_.cost.value),
                    format_things(search_.nodes, "frame"),
                    share_of(search_.cost, tree.root().inclusive));
  }
  text_line(text);
  mark("flame.total", text);
}

void FlamePanel::draw_graph(const CallTree& tree, PanelContext& context) {
  ImGui::BeginChild("graph", {0, 0}, false, ImGuiWindowFlags_NoScrollWithMouse);
  const float height = ImGui::GetTextLineHeight() + scaled(4);
  view_.width = std::max(1.0f, ImGui::GetContentRegionAvail().x);
  view_.min_pixels = scaled(2);
  const FlameLayout layout = lay_out_flame(tree, view_);
  const float rows = static_cast<float>(layout.depth + 1);
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const ImVec2 size = {static_cast<float>(view_.width),
                       std::max(rows * height, ImGui::GetContentRegionAvail().y)};
  ImGui::InvisibleButton("boxes", size);
  mark("flame.graph", fmt::format("{}", layout.rects.size()));
  const bool is_over = ImGui::IsItemHovered();
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const auto top_of = [&](std::uint32_t depth) {
    const float row = static_cast<float>(depth);
    return is_icicle_ ? origin.y + row * height : origin.y + size.y - (row + 1) * height;
  };
  const float row_under =
      is_icicle_ ? (mouse.y - origin.y) / height : (origin.y + size.y - mouse.y) / height;
  const FlameRect* under =
      is_over && row_under >= 0
          ? find_rect(layout, mouse.x - origin.x, static_cast<std::uint32_t>(row_under))
          : nullptr;
  std::size_t number = 0;
  for (const FlameRect& rect : layout.rects) {
    const float top = top_of(rect.depth);
    if (!ImGui::IsRectVisible({origin.x, top}, {origin.x + size.x, top + height}))
      continue;
    draw_rect(tree, rect, {origin.x, top}, height, &rect == under);
    if (marks_are_on() && number < 200) {
      mark_area(fmt::format("flame.box.{}", number++), {origin.x + rect.x0, top},
                {origin.x + rect.x1, top + height}, tree.name(rect.node));
    }
  }
  if (under != nullptr) {
    const std::string text = box_text(tree, *under);
    ImGui::PushTextWrapPos(ImGui::GetFontSize() * 50);
    ImGui::SetTooltip("%s", text.c_str());
    ImGui::PopTextWrapPos();
  }
  move(tree, context, under, (mouse.x - origin.x) / size.x);
  ImGui::EndChild();
}

std::string FlamePanel::box_text(const CallTree& tree, const FlameRect& rect) const {
  const CallNode& node = tree.node(rect.node);
  const TreeCost cost = source_.cost();
  std::string text =
      rect.merged ? std::string("Several that are too narrow; the largest is\n") : "";
  text += fmt::format("{}\n{}", plain_name(tree.name(rect.node)),
                      cost_text(cost, node.inclusive.value));
  if (tree_cost_row(cost).is_change) {
    text += fmt::format(
        ", from {} to {}", cost_text(node.inclusive.before, counts_bytes(cost)),
        cost_text(node.inclusive.before + node.inclusive.value, counts_bytes(cost)));
  } else {
    text += fmt::format(", {} of all", share_of(node.inclusive, tree.root().inclusive));
    if (node.inclusive.count > 0 && counts_bytes(cost)) {
      const auto blocks = static_cast<std::uint64_t>(node.inclusive.count);
      text += fmt::format(" in {}", format_things(blocks, "block"));
    }
  }
  if (node.exclusive.weight > 0) {
    text += fmt::format("\nitself {}", cost_text(cost, node.exclusive.value));
  }
  const std::string_view file = tree.file(rect.node);
  return text + fmt::format("\n{}", file.empty() ? tree.module(rect.node) : file);
}

// Functions of one module are alike; of a change, what grew and what shrank, the more the
// stronger.
ImU32 FlamePanel::colour_of(const CallTree& tree, std::uint32_t index) const {
  const CallNode& node = tree.node(index);
  if (tree_cost_row(source_.cost()).is_change) {
    const Cost& cost = node.inclusive;
    if (cost.value == 0 || cost.weight == 0) return theme().unchanged;
    const double part = std::min(1.0, std::abs(static_cast<double>(cost.value)) /
                                          static_cast<double>(cost.weight));
    return mix(theme().unchanged, cost.value > 0 ? theme().grown : theme().shrunk,
               static_cast<float>(0.2 + 0.8 * part));
  }
  if (node.kind != CallNode::Kind::kFunction) return with_alpha(theme().faint_text, 0.5f);
  return theme().category(std::hash<std::string_view>()(tree.module(index)));
}

void FlamePanel::draw_rect(const CallTree& tree, const FlameRect& rect, ImVec2 origin,
                           float height, bool is_hovered) const {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 min = {origin.x + rect.x0, origin.y};
  const ImVec2 max = {std::max(origin.x + rect.x1 - 1, min.x + 1), origin.y + height - 1};
  ImU32 colour = colour_of(tree, rect.node);
  const bool matches = !searched_.empty() && rect.node < search_.matches.size() &&
                       search_.matches[rect.node];
  if (!searched_.empty() && !matches) colour = with_alpha(colour, 0.25f);
  if (rect.merged) {
    list->AddRectFilled(min, max, with_alpha(colour, 0.35f));
    return;
  }
  list->AddRectFilled(min, max, colour, scaled(1));
  if (is_hovered) list->AddRect(min, max, theme().text, scaled(1));
  const float room = max.x - min.x - scaled(6);
  const float letter = ImGui::CalcTextSize("m").x * 0.72f;
  if (room < letter * 3) return;
  const std::string text = short_name(tree.name(rect.node), static_cast<std::size_t>(room / letter));
  const ImVec4 clip = {min.x, min.y, max.x - scaled(2), max.y};
  const bool is_dim = !searched_.empty() && !matches;
  list->AddText(
      ImGui::GetFont(), ImGui::GetFontSize(), {min.x + scaled(3), min.y + scaled(1)},
      is_dim ? theme().faint_text : theme().flame_text, text.c_str(), nullptr, 0, &clip);
}

void FlamePanel::move(const CallTree& tree, PanelContext& context, const FlameRect* under,
                      float mouse_part) {
  if (view_.node != 0 && context.app.take(Command::kDrillOut)) {
    view_.node = tree.node(view_.node).parent;
    view_.begin = 0;
    view_.end = 1;
  }
  const float wheel = ImGui::GetIO().MouseWheel;
  if (ImGui::IsItemHovered() && wheel != 0) {
    const double length = view_.end - view_.begin;
    const double wanted = std::clamp(length / std::pow(1.25, wheel), 1e-6, 1.0);
    const double at = view_.begin + length * mouse_part;
    view_.begin = std::clamp(at - wanted * mouse_part, 0.0, 1 - wanted);
    view_.end = view_.begin + wanted;
  }
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, scaled(5))) {
    const double moved =
        -ImGui::GetIO().MouseDelta.x / view_.width * (view_.end - view_.begin);
    const double by = std::clamp(moved, -view_.begin, 1 - view_.end);
    view_.begin += by;
    view_.end += by;
    return;
  }
  const bool was_dragged =
      std::abs(ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0).x) > scaled(5);
  if (!ImGui::IsItemHovered() || !ImGui::IsMouseReleased(ImGuiMouseButton_Left) ||
      was_dragged || under == nullptr) {
    return;
  }
  view_.node = under->node;
  view_.begin = 0;
  view_.end = 1;
  View next = context.app.view();
  next.function = tree.name(under->node);
  next.file = tree.file(under->node);
  context.app.change(next);
}

}  // namespace memoir
