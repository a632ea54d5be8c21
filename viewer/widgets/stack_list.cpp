#include "viewer/widgets/stack_list.h"

#include <fmt/format.h>
#include <imgui.h>

#include <filesystem>

#include "analyze/units.h"
#include "viewer/app.h"
#include "viewer/marks.h"
#include "viewer/theme.h"
#include "viewer/widgets/basic.h"

namespace memoir {
namespace {

std::string place_of(const StackFrame& frame) {
  if (!frame.file.empty()) return fmt::format("{}:{}", frame.file, frame.line);
  return frame.module;
}

}  // namespace

void draw_stack(const char* mark_name, const std::vector<StackFrame>& frames,
                bool shows_all, App& app) {
  int number = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const StackFrame& frame = frames[i];
    const int shown = number++;
    if (frame.skipped && !shows_all) continue;
    ImGui::PushID(static_cast<int>(i));
    const View& view = app.view();
    const bool is_selected = view.line != 0 && view.line == frame.line &&
                             view.file == frame.file;
    const float height = ImGui::GetTextLineHeight() * 2 + scaled(6);
    const ImVec2 at = ImGui::GetCursorPos();
    if (ImGui::Selectable("##frame", is_selected, ImGuiSelectableFlags_AllowItemOverlap,
                          {0, height})) {
      View next = view;
      next.file = frame.file;
      next.line = frame.line;
      next.function = frame.function;
      app.change(next);
    }
    mark_row(mark_name, i, frame.function);
    const ImVec2 after = ImGui::GetCursorPos();
    ImGui::SetCursorPos({at.x, at.y + scaled(2)});
    ImGui::PushFont(fonts().mono);
    faint_text(fmt::format("{:>2}", shown));
    ImGui::SameLine();
    const float indent = ImGui::GetCursorPosX();
    if (frame.skipped) ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
    function_line(frame.function);
    if (frame.skipped) ImGui::PopStyleColor();
    ImGui::SetCursorPos({indent, at.y + scaled(3) + ImGui::GetTextLineHeight()});
    ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
    path_line(place_of(frame) + (frame.inlined ? "  inlined" : ""));
    ImGui::PopStyleColor();
    ImGui::PopFont();
    ImGui::SetCursorPos(after);
    ImGui::PopID();
  }
}

std::string stack_as_text(const std::vector<StackFrame>& frames) {
  std::string text;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    text += fmt::format("#{:<2} {}  {}\n", i, frames[i].function, place_of(frames[i]));
  }
  return text;
}

}  // namespace memoir
