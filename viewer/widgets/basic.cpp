#include "viewer/widgets/basic.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "viewer/marks.h"
#include "viewer/theme.h"

namespace memoir {
namespace {

constexpr double kRestBefore = 0.35;  // seconds, until a tooltip opens

const char* end_of(std::string_view text) { return text.data() + text.size(); }

float width_of(std::string_view text) {
  return ImGui::CalcTextSize(text.data(), end_of(text)).x;
}

// A text that is drawn whole has an end: ImGui asserts at 65,536 corners, and nobody
// reads so far.
void whole_text(std::string_view text) {
  constexpr std::size_t kMostLetters = 4000;
  if (text.size() <= kMostLetters) {
    return ImGui::TextUnformatted(text.data(), end_of(text));
  }
  const std::string part = shorten_middle(text, kMostLetters);
  ImGui::TextUnformatted(part.data(), end_of(part));
}

// How many letters fit, by the mean width of this text's.
std::size_t letters_in(std::string_view text, float width) {
  const float letter = width_of(text) / static_cast<float>(display_width(text));
  return static_cast<std::size_t>(std::max(1.0f, width / letter));
}

template <typename Shorten>
void fitting_line(std::string_view text, float width, Shorten shorten) {
  if (text.empty()) return ImGui::TextUnformatted("");
  if (width <= 0) width = ImGui::GetContentRegionAvail().x;
  if (width_of(text) <= width) return whole_text(text);
  std::size_t letters = letters_in(text, width);
  std::string fitting = shorten(text, letters);
  while (letters > 1 && width_of(fitting) > width) fitting = shorten(text, --letters);
  ImGui::TextUnformatted(fitting.c_str());
  tooltip(text);
}

bool splitter(const char* id, float* size, float least, float most, ImGuiAxis axis) {
  ImGuiWindow* window = ImGui::GetCurrentWindow();
  const bool vertical = axis == ImGuiAxis_X;
  const float thickness = scaled(6);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const ImVec2 end = vertical ? ImVec2(at.x + thickness, at.y + room.y)
                              : ImVec2(at.x + room.x, at.y + thickness);
  float rest = most - *size + least;
  const float before = *size;
  ImGui::SplitterBehavior(ImRect(at, end), window->GetID(id), axis, size, &rest, least,
                          least);
  *size = std::clamp(*size, least, std::max(least, most));
  mark_area(id, at, end);
  ImGui::Dummy({end.x - at.x, end.y - at.y});
  return *size != before;
}

}  // namespace

void text_line(std::string_view text, float width) {
  fitting_line(text, width, [](std::string_view whole, std::size_t letters) {
    return shorten_middle(whole, letters);
  });
}

void function_line(std::string_view name, float width) {
  fitting_line(name, width, [](std::string_view whole, std::size_t letters) {
    return short_name(whole, letters);
  });
}

void path_line(std::string_view path, float width) {
  fitting_line(path, width, [](std::string_view whole, std::size_t letters) {
    return shorten_front(whole, letters);
  });
}

void coloured_text(ImU32 colour, std::string_view text) {
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  whole_text(text);
  ImGui::PopStyleColor();
}

void faint_text(std::string_view text) { coloured_text(theme().faint_text, text); }

void heading(std::string_view text) {
  ImGui::PushFont(fonts().heading);
  whole_text(text);
  ImGui::PopFont();
}

void right_aligned(std::string_view text, bool faint) {
  ImGui::PushFont(fonts().mono);
  const float room = ImGui::GetContentRegionAvail().x - width_of(text);
  if (room > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room);
  faint ? faint_text(text) : whole_text(text);
  ImGui::PopFont();
  if (room < 0) tooltip(text);
}

void share_bar(double part, std::string_view text, ImU32 colour) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float room = ImGui::GetContentRegionAvail().x;
  const float width = room * static_cast<float>(std::clamp(part, 0.0, 1.0));
  if (width >= 1) {
    ImGui::GetWindowDrawList()->AddRectFilled(
        at, {at.x + width, at.y + ImGui::GetTextLineHeight()}, with_alpha(colour, 0.45f),
        scaled(2));
  }
  right_aligned(text);
}

void separator_with(std::string_view text) {
  ImGui::Spacing();
  const float right = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
  faint_text(text);
  const ImVec2 at = ImGui::GetItemRectMax();
  const float middle = (ImGui::GetItemRectMin().y + at.y) / 2;
  if (right > at.x + scaled(8)) {
    ImGui::GetWindowDrawList()->AddLine({at.x + scaled(8), middle}, {right, middle},
                                        theme().border);
  }
}

void tooltip(std::string_view text) {
  if (!ImGui::IsItemHovered()) return;
  static ImVec2 rested_at;
  static double rested_since = 0;
  const ImVec2 at = ImGui::GetItemRectMin();
  if (at.x != rested_at.x || at.y != rested_at.y ||
      std::abs(ImGui::GetIO().MouseDelta.x) + std::abs(ImGui::GetIO().MouseDelta.y) > 0) {
    rested_at = at;
    rested_since = ImGui::GetTime();
  }
  if (ImGui::GetTime() - rested_since < kRestBefore) return;
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(
      std::max(ImGui::GetFontSize() * 40, ImGui::GetIO().DisplaySize.x / 2));
  whole_text(text);
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
  mark_area("tooltip", at, ImGui::GetItemRectMax(), text);
}

bool link(std::string_view text, std::string_view mark_name) {
  ImGui::PushStyleColor(ImGuiCol_Text, theme().accent);
  whole_text(text);
  ImGui::PopStyleColor();
  if (!mark_name.empty()) mark(mark_name, text);
  if (!ImGui::IsItemHovered()) return false;
  ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ImGui::GetWindowDrawList()->AddLine({min.x, max.y}, max, theme().accent);
  return ImGui::IsMouseClicked(ImGuiMouseButton_Left);
}

bool icon_button(icon::Code code, const char* label, const char* tip) {
  std::string text = icon_text(code);
  if (*label != '\0' && *label != '#') text += "  ";
  text += label;
  const bool pressed = ImGui::Button(text.c_str());
  tooltip(tip);
  return pressed;
}

void empty_state(icon::Code code, ImU32 colour, std::string_view title,
                 std::string_view text, std::string_view name) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float wrap = std::min(room.x - scaled(32), ImGui::GetFontSize() * 38);
  ImGui::PushFont(fonts().heading);
  const float line = ImGui::GetTextLineHeightWithSpacing();
  ImGui::PopFont();
  const float height =
      line * 2 + ImGui::CalcTextSize(text.data(), end_of(text), false, wrap).y;
  const auto centred = [&](std::string_view part, float width) {
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(0.0f, (room.x - width) / 2));
    whole_text(part);
  };
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + std::max(0.0f, (room.y - height) * 0.4f));
  ImGui::PushFont(fonts().heading);
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  centred(icon_text(code), ImGui::CalcTextSize(icon_text(code)).x);
  ImGui::PopStyleColor();
  centred(title, width_of(title));
  mark(std::string(name) + ".title", title);
  ImGui::PopFont();
  const float width = ImGui::CalcTextSize(text.data(), end_of(text), false, wrap).x;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(0.0f, (room.x - width) / 2));
  ImGui::PushStyleColor(ImGuiCol_Text, theme().faint_text);
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + wrap);
  whole_text(text);
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
  mark(std::string(name) + ".text", text);
}

bool answer_is_there(AnswerState& answer, bool has_value) {
  if (!answer.error().empty() && !answer.is_pending()) {
    empty_state(icon::kWarning, theme().warning, "This cannot be shown", answer.error());
    return false;
  }
  if (has_value) {
    waiting_line(answer);
    return true;
  }
  if (answer.is_slow()) {
    const float done = answer.progress();
    empty_state(icon::kClock, theme().faint_text,
                done >= 0 ? format_percent(static_cast<std::uint64_t>(done * 1000), 1000)
                          : std::string("Reading"),
                "The answer is being computed.");
    if (ImGui::Button("Cancel")) answer.cancel();
    mark("answer.cancel");
  }
  return false;
}

void waiting_line(const AnswerState& answer) {
  if (!answer.is_slow()) return;
  const ImVec2 at = ImGui::GetWindowPos();
  const float width = ImGui::GetWindowSize().x;
  const float done = answer.progress();
  // Without a known part, a stretch that wanders.
  const float phase = static_cast<float>(std::fmod(ImGui::GetTime(), 1.2) / 1.2);
  const float from = done >= 0 ? 0 : width * (phase * 1.3f - 0.3f);
  const float to = done >= 0 ? width * done : width * phase * 1.3f;
  ImGui::GetWindowDrawList()->AddRectFilled(
      {at.x + std::max(0.0f, from), at.y}, {at.x + std::min(width, to), at.y + scaled(2)},
      theme().accent);
}

bool vertical_splitter(const char* id, float* size, float least, float most) {
  return splitter(id, size, least, most, ImGuiAxis_X);
}

bool horizontal_splitter(const char* id, float* size, float least, float most) {
  return splitter(id, size, least, most, ImGuiAxis_Y);
}

}  // namespace memoir
