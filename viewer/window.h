#pragma once

// The viewer in a window of the desktop: GLFW, OpenGL 3, keys that are never lost.
//
// Draws when something happened, not all the time: an idle viewer takes no processor.
//
// Thread safety: the main thread. Errors: throws Error (kUsage) where there is no display
// or no OpenGL.

#include <filesystem>
#include <string>
#include <vector>

namespace memoir {

struct WindowOptions {
  std::vector<std::filesystem::path> traces;
  int width = 1440, height = 900;
  float scale = 0;  // 0: what the display asks for
  std::string panel;
  std::filesystem::path last_state;  // "": nowhere
};

// Until the window is closed.
void run_window(const WindowOptions& options);

}  // namespace memoir
