#include "viewer/filter_box.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/icons.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

// True when it was clicked away.
bool draw_chip(const char* name, const std::string& text) {
  ImGui::SameLine(0, scaled(12));
  return link(fmt::format("{}  {}", text, icon_text(icon::kClose)), name);
}

}  // namespace

void draw_filter_box(App& app, std::string& text) {
  ImGui::SetNextItemWidth(-1);
  const std::string hint =
      fmt::format("{}  filter: size>64k fn:parse -file:/usr age>2s thread:3 leaked",
                  icon_text(icon::kFilter));
  const bool entered = ImGui::InputTextWithHint("##filter", hint.c_str(), &text,
                                                ImGuiInputTextFlags_EnterReturnsTrue);
  const bool left = ImGui::IsItemDeactivatedAfterEdit();
  mark("filter", text);
  if (!entered && !left) return;
  View next = app.view();
  next.filter = text;
  app.go(next);
}

void draw_chips(App& app) {
  View next = app.view();
  if (next.range &&
      draw_chip("chip.range", fmt::format("{} to {}", format_time(next.range->begin),
                                          format_time(next.range->end)))) {
    next.range.reset();
  }
  if (next.process &&
      draw_chip("chip.process", fmt::format("process {}", next.process->value))) {
    next.process.reset();
  }
  if (!next.filter.empty() &&
      draw_chip("chip.filter", shorten_middle(next.filter, 40))) {
    next.filter.clear();
  }
  app.go(next);
}

}  // namespace memoir
