#include "viewer/help.h"

#include <imgui.h>

#include <string_view>

#include "viewer/commands.h"
#include "viewer/marks.h"
#include "viewer/theme.h"
#include "viewer/widgets/basic.h"

namespace memoir {

void draw_help(bool& is_open) {
  if (!is_open) return;
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({display.x / 2, display.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSizeConstraints({0, 0}, {display.x * 0.95f, display.y * 0.95f});
  ImGui::Begin("Keys", &is_open,
               ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoCollapse |
                   ImGuiWindowFlags_NoSavedSettings);
  mark_area("help", ImGui::GetWindowPos(),
            {ImGui::GetWindowPos().x + ImGui::GetWindowSize().x,
             ImGui::GetWindowPos().y + ImGui::GetWindowSize().y});
  if (ImGui::BeginTable("keys", 2, ImGuiTableFlags_SizingFixedFit)) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    std::string_view group;
    const auto rows = all_commands();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const CommandRow& row = rows[i];
      if (group != row.group) {
        group = row.group;
        if (group == "Rows") ImGui::TableNextColumn();
        separator_with(group);
      }
      ImGui::PushFont(fonts().mono);
      coloured_text(theme().accent, row.keys);
      ImGui::PopFont();
      ImGui::SameLine(scaled(170) + ImGui::GetColumnOffset());
      ImGui::TextUnformatted(row.title);
      ImGui::SameLine(0, scaled(24));
      ImGui::TextUnformatted("");
    }
    separator_with("Mouse on the timeline");
    ImGui::TextUnformatted(
        "wheel: zoom around the mouse\ndrag: choose a stretch of time\nright drag: move\n"
        "click: the moment that panels show\ndouble click: the whole time");
    ImGui::EndTable();
  }
  if (ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape), false)) is_open = false;
  ImGui::End();
}

}  // namespace memoir
