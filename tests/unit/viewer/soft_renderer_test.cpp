#include "viewer/soft_renderer.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "support/scratch_file.h"
#include "trace/error.h"

namespace memoir {
namespace {

class SoftRenderer : public testing::Test {
 protected:
  SoftRenderer() {
    context_ = ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {64, 48};
    io.DeltaTime = 1;
    io.Fonts->Build();
  }
  ~SoftRenderer() override { ImGui::DestroyContext(context_); }

  Image draw(const std::function<void(ImDrawList&)>& draw) {
    ImGui::NewFrame();
    draw(*ImGui::GetForegroundDrawList());
    ImGui::Render();
    return render_image(*ImGui::GetDrawData(), IM_COL32(0, 0, 0, 255));
  }
  static std::array<int, 3> colour(const Image& image, int x, int y) {
    const std::uint8_t* pixel = image.at(x, y);
    return {pixel[0], pixel[1], pixel[2]};
  }

 private:
  ImGuiContext* context_;
};

using Colour = std::array<int, 3>;

TEST_F(SoftRenderer, FillsARectangleAndNothingElse) {
  const Image image = draw([](ImDrawList& list) {
    list.AddRectFilled({10, 12}, {20, 22}, IM_COL32(255, 0, 0, 255));
  });
  EXPECT_EQ(image.width, 64);
  EXPECT_EQ(image.height, 48);
  int red = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) red += colour(image, x, y) == Colour{255, 0, 0};
  }
  EXPECT_EQ(red, 100);
  EXPECT_EQ(colour(image, 10, 12), (Colour{255, 0, 0}));
  EXPECT_EQ(colour(image, 20, 12), (Colour{0, 0, 0}));
}

// Two triangles share the diagonal: its pixels belong to one of them.
TEST_F(SoftRenderer, BlendsEveryPixelOnce) {
  const Image image = draw([](ImDrawList& list) {
    list.AddRectFilled({0, 0}, {40, 40}, IM_COL32(255, 255, 255, 128));
  });
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(colour(image, i, i), (Colour{128, 128, 128})) << i;
}

TEST_F(SoftRenderer, StaysWithinTheClipRectangle) {
  const Image image = draw([](ImDrawList& list) {
    list.PushClipRect({5, 5}, {10, 10});
    list.AddRectFilled({-1000, -1000}, {1000, 1000}, IM_COL32(0, 255, 0, 255));
    list.PopClipRect();
  });
  EXPECT_EQ(colour(image, 5, 5), (Colour{0, 255, 0}));
  EXPECT_EQ(colour(image, 4, 5), (Colour{0, 0, 0}));
  EXPECT_EQ(colour(image, 10, 9), (Colour{0, 0, 0}));
}

TEST_F(SoftRenderer, InterpolatesColours) {
  const Image image = draw([](ImDrawList& list) {
    const ImU32 black = IM_COL32(0, 0, 0, 255), white = IM_COL32(255, 255, 255, 255);
    list.AddRectFilledMultiColor({0, 0}, {64, 48}, black, white, white, black);
  });
  EXPECT_LT(colour(image, 2, 20)[0], 20);
  EXPECT_NEAR(colour(image, 32, 20)[0], 128, 6);
  EXPECT_GT(colour(image, 61, 20)[0], 235);
}

TEST_F(SoftRenderer, DrawsLetters) {
  const Image image = draw([](ImDrawList& list) {
    list.AddText({2, 2}, IM_COL32(255, 255, 255, 255), "M");
  });
  int lit = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) lit += image.pixels[i] > 128;
  EXPECT_GT(lit, 10);
  EXPECT_LT(lit, 80);
}

TEST_F(SoftRenderer, PicturesAreWrittenAndRead) {
  const ScratchFile file;
  const Image image = draw([](ImDrawList& list) {
    list.AddRectFilled({1, 2}, {3, 4}, IM_COL32(9, 8, 7, 255));
  });
  write_png(image, file.path());
  const Image read = read_png(file.path());
  EXPECT_EQ(read.width, image.width);
  EXPECT_EQ(read.pixels, image.pixels);
  EXPECT_THROW(write_png(image, "/no/such/folder/x.png"), Error);
  EXPECT_THROW(read_png("/no/such/file.png"), Error);
}

}  // namespace
}  // namespace memoir
