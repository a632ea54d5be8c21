#pragma once

// Colours, sizes and fonts of the viewer: a dark and a light theme, and the letters in
// every size that is drawn.
//
// Thread safety: the thread that draws.

#include <imgui.h>

#include <string_view>

namespace memoir {

enum class ThemeKind { kDark, kLight };

// What colours mean; ImGui's own are set from the same theme.
struct Theme {
  ThemeKind kind = ThemeKind::kDark;
  ImU32 background = 0, panel = 0, border = 0;
  ImU32 text = 0, faint_text = 0;
  ImU32 accent = 0;               // links, what is selected
  ImU32 live = 0, live_fill = 0;  // bytes in use
  ImU32 leak = 0, fault = 0;      // what is wrong
  ImU32 good = 0, warning = 0;
  ImU32 range = 0, range_edge = 0;             // the chosen stretch of time
  ImU32 grown = 0, shrunk = 0, unchanged = 0;  // of a comparison
  ImU32 flame_text = 0;

  // One of a dozen hues that tell neighbours apart; equal numbers give equal colours.
  ImU32 category(std::uint64_t number, float strength = 1) const;
};

// The theme that is drawn with now.
const Theme& theme();
void apply_theme(ThemeKind kind, float scale);

struct Fonts {
  ImFont* text = nullptr;
  ImFont* mono = nullptr;  // figures, code, C++ names
  ImFont* heading = nullptr;
};

const Fonts& fonts();
// Makes the atlas anew; where the usual fonts are not installed, takes what is. `plain`:
// ImGui's built-in font only, for pictures that must not depend on the machine.
void load_fonts(float scale, bool plain);

// Pixels of what is one pixel at scale 1.
float scaled(float pixels);

// A colour with another alpha, 0 to 1.
ImU32 with_alpha(ImU32 colour, float alpha);
// From one colour (0) to another (1).
ImU32 mix(ImU32 from, ImU32 to, float part);
ImVec4 as_vector(ImU32 colour);

}  // namespace memoir
