#include <fmt/format.h>
#include <stb_image.h>
#include <stb_image_write.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "trace/error.h"
#include "viewer/soft_renderer.h"

namespace memoir {

void write_png(const Image& image, const std::filesystem::path& path) {
  // Nothing shines through what was drawn: a fifth less to keep.
  std::vector<std::uint8_t> colours;
  colours.reserve(image.pixels.size() / 4 * 3);
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    colours.insert(colours.end(), &image.pixels[i], &image.pixels[i] + 3);
  }
  errno = 0;
  if (stbi_write_png(path.c_str(), image.width, image.height, 3, colours.data(),
                     image.width * 3) == 0) {
    throw Error(fmt::format("{}: cannot write the picture: {}", path.string(),
                            errno != 0 ? std::strerror(errno) : "out of space?"),
                ErrorKind::kTrace);
  }
}

Image read_png(const std::filesystem::path& path) {
  Image image;
  int channels = 0;
  const std::unique_ptr<unsigned char, void (*)(void*)> pixels(
      stbi_load(path.c_str(), &image.width, &image.height, &channels, 4),
      stbi_image_free);
  if (!pixels) {
    throw Error(
        fmt::format("{}: not a picture: {}", path.string(), stbi_failure_reason()),
        ErrorKind::kTrace);
  }
  image.pixels.assign(pixels.get(),
                      pixels.get() + static_cast<std::size_t>(image.width) *
                                         static_cast<std::size_t>(image.height) * 4);
  return image;
}

}  // namespace memoir
