#include "launcher/terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace memoir {

TextStyle terminal_style(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  TextStyle style;
  style.colour = isatty(descriptor) == 1 && (no_color == nullptr || *no_color == '\0') &&
                 terminal != nullptr && std::string_view(terminal) != "dumb";
  return style;
}

}  // namespace memoir
