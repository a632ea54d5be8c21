#include "viewer/menu.h"

#include <imgui.h>

#include <string>
#include <string_view>

#include "viewer/app.h"
#include "viewer/commands.h"
#include "viewer/icons.h"
#include "viewer/marks.h"
#include "viewer/widgets/basic.h"

namespace memoir {

void draw_menu(App& app) {
  constexpr const char* kName = "menu";
  if (icon_button(icon::kMenu, "##menu", "All commands")) ImGui::OpenPopup(kName);
  mark("menu");
  const ImVec2 below = {ImGui::GetItemRectMin().x, ImGui::GetItemRectMax().y};
  ImGui::SetNextWindowPos(below);
  if (!ImGui::BeginPopup(kName)) return;
  const auto rows = all_commands();
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::string_view group = rows[begin].group;
    std::size_t end = begin;
    while (end < rows.size() && rows[end].group == group) ++end;
    const bool is_open = ImGui::BeginMenu(rows[begin].group);
    mark(std::string("menu.") + rows[begin].group);
    for (; begin < end; ++begin) {
      if (!is_open) continue;
      if (ImGui::MenuItem(rows[begin].title, rows[begin].keys))
        app.perform(rows[begin].id);
      mark(std::string("menu.") + rows[begin].name);
    }
    if (is_open) ImGui::EndMenu();
  }
  ImGui::EndPopup();
}

}  // namespace memoir
