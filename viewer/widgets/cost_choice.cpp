#include "viewer/widgets/cost_choice.h"

#include <fmt/format.h>
#include <imgui.h>

#include "analyze/units.h"
#include "viewer/marks.h"
#include "viewer/theme.h"

namespace memoir {
namespace {

std::uint64_t magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

}  // namespace

const char* cost_title(SiteOrder order) {
  switch (order) {
    case SiteOrder::kLeaked:
      return "Leaked bytes";
    case SiteOrder::kAtPeak:
      return "Bytes at the peak";
    case SiteOrder::kOwnPeak:
      return "Most bytes at once";
    case SiteOrder::kAllocated:
      return "Allocated bytes";
    case SiteOrder::kCount:
      return "Allocations";
    case SiteOrder::kTemporary:
      return "Temporary allocations";
  }
  return "";
}

bool is_in_bytes(SiteOrder order) {
  return order != SiteOrder::kCount && order != SiteOrder::kTemporary;
}

std::string cost_text(std::int64_t value, bool in_bytes) {
  const std::uint64_t size = magnitude(value);
  return (value < 0 ? "-" : "") + (in_bytes ? format_bytes(size) : format_count(size));
}

std::string change_text(std::int64_t value, bool in_bytes) {
  return (value > 0 ? "+" : "") + cost_text(value, in_bytes);
}

bool draw_cost_choice(const std::string& name, std::span<const SiteOrder> choices,
                      SiteOrder* order) {
  const SiteOrder before = *order;
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 13);
  const bool is_open = ImGui::BeginCombo(fmt::format("##{}.cost", name).c_str(),
                                         cost_title(*order), ImGuiComboFlags_HeightLarge);
  mark(name + ".cost", site_order_name(*order));
  if (!is_open) return false;
  for (const SiteOrder choice : choices) {
    if (ImGui::Selectable(cost_title(choice), choice == *order)) *order = choice;
    mark(fmt::format("{}.cost.{}", name, site_order_name(choice)));
  }
  ImGui::EndCombo();
  return *order != before;
}

}  // namespace memoir
