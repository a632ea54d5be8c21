#pragma once

// Draws what Dear ImGui made of a frame into memory, without a display: for
// --screenshot, and for pictures that tests compare. Coverage is computed in integers, so
// that it is the same on every machine.
//
// Thread safety: one thread at a time.

#include <imgui.h>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace memoir {

struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // RGBA, row by row from the top

  const std::uint8_t* at(int x, int y) const {
    return &pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                    static_cast<std::size_t>(x)) *
                   4];
  }
};

// Draws over `background`, an ImU32. All textures are taken to be the font atlas of the
// current context.
Image render_image(const ImDrawData& data, ImU32 background);

// Throw Error (kTrace) when the file cannot be written, or is no picture. Written is what
// covers all, without transparency.
void write_png(const Image& image, const std::filesystem::path& path);
Image read_png(const std::filesystem::path& path);

}  // namespace memoir
