#include "viewer/theme.h"

#include <array>
#include <cmath>

namespace memoir {
namespace {

Theme g_theme;
float g_scale = 1;

constexpr Theme make_dark() {
  Theme dark;
  dark.kind = ThemeKind::kDark;
  dark.background = IM_COL32(22, 24, 28, 255);
  dark.panel = IM_COL32(28, 31, 36, 255);
  dark.border = IM_COL32(255, 255, 255, 18);
  dark.text = IM_COL32(226, 229, 234, 255);
  dark.faint_text = IM_COL32(146, 153, 164, 255);
  dark.accent = IM_COL32(96, 165, 250, 255);
  dark.live = IM_COL32(90, 170, 250, 230);
  dark.live_fill = IM_COL32(56, 120, 190, 96);
  dark.leak = IM_COL32(214, 92, 86, 255);
  dark.fault = IM_COL32(236, 100, 75, 255);
  dark.good = IM_COL32(92, 190, 120, 255);
  dark.warning = IM_COL32(240, 190, 70, 255);
  dark.range = IM_COL32(255, 210, 80, 34);
  dark.range_edge = IM_COL32(255, 210, 80, 220);
  dark.grown = IM_COL32(222, 94, 86, 255);
  dark.shrunk = IM_COL32(84, 140, 220, 255);
  dark.unchanged = IM_COL32(158, 158, 158, 255);
  dark.flame_text = IM_COL32(16, 16, 16, 255);
  return dark;
}

constexpr Theme make_light() {
  Theme light;
  light.kind = ThemeKind::kLight;
  light.background = IM_COL32(238, 240, 243, 255);
  light.panel = IM_COL32(252, 252, 253, 255);
  light.border = IM_COL32(0, 0, 0, 36);
  light.text = IM_COL32(28, 32, 38, 255);
  light.faint_text = IM_COL32(98, 106, 118, 255);
  light.accent = IM_COL32(22, 98, 200, 255);
  light.live = IM_COL32(30, 110, 200, 235);
  light.live_fill = IM_COL32(90, 160, 230, 90);
  light.leak = IM_COL32(200, 60, 54, 255);
  light.fault = IM_COL32(208, 66, 40, 255);
  light.good = IM_COL32(30, 140, 66, 255);
  light.warning = IM_COL32(186, 124, 0, 255);
  light.range = IM_COL32(235, 170, 0, 44);
  light.range_edge = IM_COL32(190, 130, 0, 230);
  light.grown = IM_COL32(206, 66, 58, 255);
  light.shrunk = IM_COL32(50, 108, 196, 255);
  light.unchanged = IM_COL32(200, 200, 200, 255);
  light.flame_text = IM_COL32(16, 16, 16, 255);
  return light;
}

void set_colours(const Theme& theme) {
  ImVec4* colours = ImGui::GetStyle().Colors;
  const bool dark = theme.kind == ThemeKind::kDark;
  dark ? ImGui::StyleColorsDark() : ImGui::StyleColorsLight();
  const auto ink = [&](float alpha) {
    return dark ? ImVec4(1, 1, 1, alpha) : ImVec4(0, 0, 0, alpha);
  };
  const ImVec4 accent = as_vector(theme.accent);
  const auto tint = [&](float alpha) {
    return ImVec4(accent.x, accent.y, accent.z, alpha);
  };
  colours[ImGuiCol_Text] = as_vector(theme.text);
  colours[ImGuiCol_TextDisabled] = as_vector(theme.faint_text);
  colours[ImGuiCol_WindowBg] = as_vector(theme.background);
  colours[ImGuiCol_ChildBg] = as_vector(theme.panel);
  colours[ImGuiCol_PopupBg] = as_vector(theme.panel);
  colours[ImGuiCol_Border] = as_vector(theme.border);
  colours[ImGuiCol_FrameBg] = ink(0.06f);
  colours[ImGuiCol_FrameBgHovered] = ink(0.10f);
  colours[ImGuiCol_FrameBgActive] = ink(0.13f);
  colours[ImGuiCol_Button] = ink(0.08f);
  colours[ImGuiCol_ButtonHovered] = ink(0.14f);
  colours[ImGuiCol_ButtonActive] = tint(0.5f);
  colours[ImGuiCol_Header] = tint(0.30f);
  colours[ImGuiCol_HeaderHovered] = tint(0.16f);
  colours[ImGuiCol_HeaderActive] = tint(0.40f);
  colours[ImGuiCol_Tab] = ink(0.03f);
  colours[ImGuiCol_TabHovered] = tint(0.35f);
  colours[ImGuiCol_TabActive] = tint(0.28f);
  colours[ImGuiCol_TableHeaderBg] = ink(0.05f);
  colours[ImGuiCol_TableBorderLight] = ink(0.05f);
  colours[ImGuiCol_TableBorderStrong] = ink(0.09f);
  colours[ImGuiCol_TableRowBg] = ImVec4(0, 0, 0, 0);
  colours[ImGuiCol_TableRowBgAlt] = ink(0.02f);
  colours[ImGuiCol_ScrollbarBg] = ImVec4(0, 0, 0, 0);
  colours[ImGuiCol_ScrollbarGrab] = ink(0.16f);
  colours[ImGuiCol_ScrollbarGrabHovered] = ink(0.24f);
  colours[ImGuiCol_ScrollbarGrabActive] = ink(0.32f);
  colours[ImGuiCol_CheckMark] = accent;
  colours[ImGuiCol_SliderGrab] = accent;
  colours[ImGuiCol_Separator] = ink(0.08f);
  colours[ImGuiCol_SeparatorHovered] = tint(0.6f);
  colours[ImGuiCol_SeparatorActive] = tint(0.9f);
  colours[ImGuiCol_TextSelectedBg] = tint(0.35f);
  colours[ImGuiCol_NavHighlight] = tint(0.8f);
  colours[ImGuiCol_PlotHistogram] = accent;
}

}  // namespace

const Theme& theme() { return g_theme; }

void apply_theme(ThemeKind kind, float scale) {
  g_theme = kind == ThemeKind::kDark ? make_dark() : make_light();
  g_scale = scale;
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  style.WindowRounding = 0;
  style.ChildRounding = 4;
  style.FrameRounding = 4;
  style.PopupRounding = 4;
  style.GrabRounding = 4;
  style.TabRounding = 4;
  style.ScrollbarSize = 12;
  style.WindowPadding = {8, 8};
  style.FramePadding = {8, 4};
  style.ItemSpacing = {8, 6};
  style.CellPadding = {6, 2};
  style.ScaleAllSizes(scale);
  set_colours(g_theme);
}

float scaled(float pixels) { return std::round(pixels * g_scale); }

ImU32 with_alpha(ImU32 colour, float alpha) {
  return (colour & ~IM_COL32_A_MASK) | static_cast<ImU32>(alpha * 255 + 0.5f)
                                           << IM_COL32_A_SHIFT;
}

ImU32 mix(ImU32 from, ImU32 to, float part) {
  const ImVec4 a = as_vector(from), b = as_vector(to);
  const auto between = [part](float x, float y) { return x + (y - x) * part; };
  return ImGui::ColorConvertFloat4ToU32(
      {between(a.x, b.x), between(a.y, b.y), between(a.z, b.z), between(a.w, b.w)});
}

ImVec4 as_vector(ImU32 colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

ImU32 Theme::category(std::uint64_t number, float strength) const {
  // Hues of about equal lightness that stay apart for people who see red and green alike.
  static constexpr std::array<float, 12> kHues = {
      0.07f, 0.58f, 0.12f, 0.78f, 0.48f, 0.93f, 0.03f, 0.66f, 0.16f, 0.53f, 0.85f, 0.35f};
  const std::uint64_t mixed = number * 0x9e3779b97f4a7c15u;
  const float hue = kHues[mixed >> 32 & 0xffffffff ? (mixed >> 32) % kHues.size() : 0];
  const float shade = static_cast<float>(mixed >> 20 & 7) / 7;
  const bool dark = kind == ThemeKind::kDark;
  const float saturation = (dark ? 0.52f : 0.42f) * strength;
  const float value = dark ? 0.66f + 0.12f * shade : 0.80f + 0.10f * shade;
  return ImColor::HSV(hue, saturation, value);
}

}  // namespace memoir
