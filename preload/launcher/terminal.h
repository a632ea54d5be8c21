#pragma once

// Whether and how to colour a text. Pure but for terminal_style(), which asks a
// descriptor and the environment.

#include <string>
#include <string_view>

namespace memoir {

struct TextStyle {
  bool colour = false;
  std::size_t width = 80;

  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string warning(std::string_view text) const { return paint("33", text); }
  std::string figure(std::string_view text) const { return paint("36", text); }

 private:
  std::string paint(std::string_view code, std::string_view text) const {
    if (!colour || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }
};

// 80 columns everywhere, so that reports can be compared and mailed; colours only on a
// terminal that wants them (https://no-color.org).
// `descriptor`: where the text goes.
TextStyle terminal_style(int descriptor = 1);

}  // namespace memoir
