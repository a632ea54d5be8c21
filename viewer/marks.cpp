#include "viewer/marks.h"

#include <algorithm>

namespace memoir {
namespace {

bool g_on = false;
std::map<std::string, UiMark, std::less<>> g_marks;

}  // namespace

void switch_marks(bool on) { g_on = on; }
bool marks_are_on() { return g_on; }

void mark(std::string_view name, std::string_view text) {
  if (!g_on || !ImGui::IsItemVisible()) return;
  mark_area(name, ImGui::GetItemRectMin(), ImGui::GetItemRectMax(), text);
}

void mark_row(std::string_view name, std::size_t number, std::string_view text) {
  if (g_on) mark(std::string(name) + "." + std::to_string(number), text);
}

void mark_area(std::string_view name, ImVec2 min, ImVec2 max, std::string_view text) {
  if (!g_on) return;
  // What can be clicked is what the window shows of it.
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  min = {std::clamp(min.x, 0.0f, display.x), std::clamp(min.y, 0.0f, display.y)};
  max = {std::clamp(max.x, 0.0f, display.x), std::clamp(max.y, 0.0f, display.y)};
  if (min.x >= max.x || min.y >= max.y) return;
  g_marks.insert_or_assign(std::string(name),
                           UiMark{min, max, ImGui::GetFrameCount(), std::string(text)});
}

const UiMark* find_mark(std::string_view name) {
  const auto found = g_marks.find(name);
  if (found == g_marks.end() || found->second.frame < ImGui::GetFrameCount()) {
    return nullptr;
  }
  return &found->second;
}

const std::map<std::string, UiMark, std::less<>>& all_marks() { return g_marks; }
void forget_marks() { g_marks.clear(); }

}  // namespace memoir
