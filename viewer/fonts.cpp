#include <imgui_freetype.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "viewer/icons.h"
#include "viewer/theme.h"

namespace memoir {
namespace {

Fonts g_fonts;

constexpr float kTextSize = 15, kMonoSize = 14, kHeadingSize = 21;

// Debian's places, then those of other distributions.
constexpr std::array kTextFiles = {
    "/usr/share/fonts/opentype/inter/Inter-Regular.otf",
    "/usr/share/fonts/inter/Inter-Regular.otf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
};
constexpr std::array kMonoFiles = {
    "/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
};
constexpr std::array kHeadingFiles = {
    "/usr/share/fonts/opentype/inter/Inter-SemiBold.otf",
    "/usr/share/fonts/inter/Inter-SemiBold.otf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
};
constexpr std::array kIconFiles = {
    "/usr/share/fonts/truetype/fork-awesome/forkawesome-webfont.ttf",
    "/usr/share/fonts/fork-awesome/forkawesome-webfont.ttf",
};

std::string first_existing(std::span<const char* const> files) {
  std::error_code ignored;
  for (const char* file : files) {
    if (std::filesystem::exists(file, ignored)) return file;
  }
  return {};
}

const ImWchar* icon_ranges() {
  static const std::vector<ImWchar> ranges = [] {
    std::vector<ImWchar> made;
#define MEMOIR_ICON(name, code) made.insert(made.end(), {code, code});
    MEMOIR_ICONS(MEMOIR_ICON)
#undef MEMOIR_ICON
    made.push_back(0);
    return made;
  }();
  return ranges.data();
}

const ImWchar* text_ranges() {
  // Latin, punctuation, arrows, mathematical signs, blocks.
  static constexpr std::array<ImWchar, 11> kRanges = {
      0x20, 0x17f, 0x2010, 0x203a, 0x2190, 0x21ff, 0x2200, 0x22ff, 0x2580, 0x25ff, 0};
  return kRanges.data();
}

ImFont* load(ImFontAtlas& atlas, std::span<const char* const> files, float size) {
  const std::string file = first_existing(files);
  if (file.empty()) {
    ImFontConfig config;
    config.SizePixels = std::round(size * 13 / 15);  // made for 13 pixels
    return atlas.AddFontDefault(&config);
  }
  ImFont* font = atlas.AddFontFromFileTTF(file.c_str(), size, nullptr, text_ranges());
  if (const std::string icons = first_existing(kIconFiles); !icons.empty()) {
    ImFontConfig merged;
    merged.MergeMode = true;
    merged.GlyphMinAdvanceX = size;
    merged.GlyphOffset.y = std::round(size / 15);
    atlas.AddFontFromFileTTF(icons.c_str(), size - 1, &merged, icon_ranges());
  }
  return font;
}

}  // namespace

const Fonts& fonts() { return g_fonts; }

void load_fonts(float scale, bool plain) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  if (plain) {
    ImFontConfig config;
    config.SizePixels = std::round(13 * scale);
    g_fonts.text = g_fonts.mono = g_fonts.heading = atlas.AddFontDefault(&config);
  } else {
    atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
    atlas.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
    g_fonts.text = load(atlas, kTextFiles, std::round(kTextSize * scale));
    g_fonts.mono = load(atlas, kMonoFiles, std::round(kMonoSize * scale));
    g_fonts.heading = load(atlas, kHeadingFiles, std::round(kHeadingSize * scale));
  }
  atlas.Build();
}

const char* icon_text(icon::Code code) {
  static const std::unordered_map<unsigned, std::string> texts = [] {
    std::unordered_map<unsigned, std::string> made;
    for (const ImWchar* range = icon_ranges(); *range != 0; range += 2) {
      const unsigned value = *range;
      made[value] = {static_cast<char>(0xe0 | value >> 12),
                     static_cast<char>(0x80 | (value >> 6 & 0x3f)),
                     static_cast<char>(0x80 | (value & 0x3f))};
    }
    return made;
  }();
  return texts.at(code).c_str();
}

}  // namespace memoir
