#include "viewer/soft_renderer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace memoir {
namespace {

constexpr int kSubpixels = 256;  // positions are whole numbers of these

struct Texture {
  const unsigned char* alpha = nullptr;
  int width = 0, height = 0;

  float at(int x, int y) const {
    return alpha[std::clamp(y, 0, height - 1) * width + std::clamp(x, 0, width - 1)];
  }
  // Between 0 and 1, between the four texels around.
  float sample(float u, float v) const {
    const float x = u * static_cast<float>(width) - 0.5f;
    const float y = v * static_cast<float>(height) - 0.5f;
    const float left = std::floor(x), top = std::floor(y);
    const int column = static_cast<int>(left), row = static_cast<int>(top);
    const float right_part = x - left, bottom_part = y - top;
    const float upper = at(column, row) * (1 - right_part) +
                        at(column + 1, row) * right_part;
    const float lower = at(column, row + 1) * (1 - right_part) +
                        at(column + 1, row + 1) * right_part;
    return (upper * (1 - bottom_part) + lower * bottom_part) / 255;
  }
};

struct Point {
  std::int64_t x = 0, y = 0;  // subpixels
};

std::array<float, 4> colour_of(ImU32 packed) {
  return {static_cast<float>(packed & 255), static_cast<float>(packed >> 8 & 255),
          static_cast<float>(packed >> 16 & 255), static_cast<float>(packed >> 24)};
}

void blend(std::uint8_t* pixel, const std::array<float, 4>& colour, float coverage) {
  const float alpha = colour[3] / 255 * coverage;
  for (std::size_t i = 0; i < 3; ++i) {
    const float value = colour[i] * alpha + static_cast<float>(pixel[i]) * (1 - alpha);
    pixel[i] = static_cast<std::uint8_t>(value + 0.5f);
  }
  pixel[3] = 255;
}

struct ClipRectangle {
  int left, top, right, bottom;
};

// Twice the signed area of a, b and p: positive where p is inside of the edge a to b.
std::int64_t edge(const Point& a, const Point& b, const Point& p) {
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

// Pixels whose centre lies on an edge belong to the triangle on one side only.
bool owns_edge(const Point& a, const Point& b) {
  return b.y < a.y || (b.y == a.y && b.x > a.x);
}

class TriangleRenderer {
 public:
  TriangleRenderer(Image& image, const Texture& texture)
      : image_(image), texture_(texture) {}

  void draw(std::array<const ImDrawVert*, 3> corners, const ClipRectangle& clip,
            ImVec2 origin) {
    std::array<Point, 3> p;
    for (std::size_t i = 0; i < 3; ++i) p[i] = place(corners[i]->pos, origin);
    std::int64_t area = edge(p[0], p[1], p[2]);
    if (area == 0) return;
    if (area < 0) {
      std::swap(corners[1], corners[2]);
      std::swap(p[1], p[2]);
      area = -area;
    }
    const auto [low_x, high_x] = std::minmax({p[0].x, p[1].x, p[2].x});
    const auto [low_y, high_y] = std::minmax({p[0].y, p[1].y, p[2].y});
    const int left = std::max(clip.left, static_cast<int>(low_x / kSubpixels) - 1);
    const int right = std::min(clip.right, static_cast<int>(high_x / kSubpixels) + 1);
    const int top = std::max(clip.top, static_cast<int>(low_y / kSubpixels) - 1);
    const int bottom = std::min(clip.bottom, static_cast<int>(high_y / kSubpixels) + 1);
    if (left >= right || top >= bottom) return;

    const Shade shade(corners, static_cast<float>(area), texture_);
    // An edge function is linear: a step to the right, or down, adds the same amount.
    std::array<std::int64_t, 3> row{}, step_x{}, step_y{};
    for (std::size_t i = 0; i < 3; ++i) {
      const Point &a = p[(i + 1) % 3], &b = p[(i + 2) % 3];
      row[i] = edge(a, b, centre(left, top)) - (owns_edge(a, b) ? 0 : 1);
      step_x[i] = -(b.y - a.y) * kSubpixels;
      step_y[i] = (b.x - a.x) * kSubpixels;
    }
    for (int y = top; y < bottom; ++y) {
      draw_row(y, left, right, row, step_x, shade);
      for (std::size_t i = 0; i < 3; ++i) row[i] += step_y[i];
    }
  }

 private:
  struct Shade {
    Shade(const std::array<const ImDrawVert*, 3>& corners, float area,
          const Texture& texture)
        : corners(corners), inverse_area(1 / area) {
      for (std::size_t i = 0; i < 3; ++i) colours[i] = colour_of(corners[i]->col);
      flat = corners[0]->col == corners[1]->col && corners[0]->col == corners[2]->col;
      const ImVec2 uv = corners[0]->uv;
      one_texel = std::ranges::all_of(corners, [&](const ImDrawVert* corner) {
        return corner->uv.x == uv.x && corner->uv.y == uv.y;
      });
      if (one_texel) coverage = texture.sample(uv.x, uv.y);
    }
    std::array<const ImDrawVert*, 3> corners;
    std::array<std::array<float, 4>, 3> colours;
    float inverse_area;
    float coverage = 0;
    bool flat = false, one_texel = false;
  };

  static Point place(ImVec2 position, ImVec2 origin) {
    return {std::llround((position.x - origin.x) * kSubpixels),
            std::llround((position.y - origin.y) * kSubpixels)};
  }
  static Point centre(int x, int y) {
    return {std::int64_t{x} * kSubpixels + kSubpixels / 2,
            std::int64_t{y} * kSubpixels + kSubpixels / 2};
  }

  void draw_row(int y, int left, int right, std::array<std::int64_t, 3> weights,
                const std::array<std::int64_t, 3>& step, const Shade& shade) {
    std::uint8_t* pixel =
        &image_.pixels[(static_cast<std::size_t>(y) *
                            static_cast<std::size_t>(image_.width) +
                        static_cast<std::size_t>(left)) *
                       4];
    for (int x = left; x < right; ++x, pixel += 4) {
      if ((weights[0] | weights[1] | weights[2]) >= 0) shade_pixel(pixel, weights, shade);
      for (std::size_t i = 0; i < 3; ++i) weights[i] += step[i];
    }
  }

  void shade_pixel(std::uint8_t* pixel, const std::array<std::int64_t, 3>& weights,
                   const Shade& shade) {
    if (shade.flat && shade.one_texel) {
      return blend(pixel, shade.colours[0], shade.coverage);
    }
    float u = 0, v = 0;
    std::array<float, 4> colour{};
    for (std::size_t i = 0; i < 3; ++i) {
      const float weight = static_cast<float>(weights[i]) * shade.inverse_area;
      u += weight * shade.corners[i]->uv.x;
      v += weight * shade.corners[i]->uv.y;
      for (std::size_t k = 0; k < 4; ++k) colour[k] += weight * shade.colours[i][k];
    }
    blend(pixel, shade.flat ? shade.colours[0] : colour,
          shade.one_texel ? shade.coverage : texture_.sample(u, v));
  }

  Image& image_;
  const Texture& texture_;
};

void draw_list(const ImDrawList& list, const ImDrawData& data,
               TriangleRenderer& renderer, const Image& image) {
  for (const ImDrawCmd& command : list.CmdBuffer) {
    if (command.UserCallback != nullptr) continue;
    const ImVec4& rectangle = command.ClipRect;
    const ClipRectangle clip = {
        std::max(0, static_cast<int>(rectangle.x - data.DisplayPos.x)),
        std::max(0, static_cast<int>(rectangle.y - data.DisplayPos.y)),
        std::min(image.width, static_cast<int>(rectangle.z - data.DisplayPos.x)),
        std::min(image.height, static_cast<int>(rectangle.w - data.DisplayPos.y))};
    const std::span indices{list.IdxBuffer.Data + command.IdxOffset, command.ElemCount};
    for (std::size_t i = 0; i + 2 < indices.size(); i += 3) {
      std::array<const ImDrawVert*, 3> corners;
      for (std::size_t k = 0; k < 3; ++k) {
        corners[k] = list.VtxBuffer.Data + command.VtxOffset + indices[i + k];
      }
      renderer.draw(corners, clip, data.DisplayPos);
    }
  }
}

}  // namespace

Image render_image(const ImDrawData& data, ImU32 background) {
  Image image;
  image.width = static_cast<int>(data.DisplaySize.x);
  image.height = static_cast<int>(data.DisplaySize.y);
  image.pixels.resize(static_cast<std::size_t>(image.width) *
                      static_cast<std::size_t>(image.height) * 4);
  const std::array<float, 4> colour = colour_of(background | IM_COL32_A_MASK);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(colour[i % 4]);
  }
  Texture texture;
  unsigned char* alpha = nullptr;
  ImGui::GetIO().Fonts->GetTexDataAsAlpha8(&alpha, &texture.width, &texture.height);
  texture.alpha = alpha;
  TriangleRenderer renderer(image, texture);
  for (int i = 0; i < data.CmdListsCount; ++i) {
    draw_list(*data.CmdLists[i], data, renderer, image);
  }
  return image;
}

}  // namespace memoir
