#pragma once

// What is remembered from one start to the next: recent traces, theme, size, where the
// borders between the panes are. A JSON file in $XDG_CONFIG_HOME/memoir, or
// ~/.config/memoir.
//
// Thread safety: the thread that draws. Errors: none; a file that cannot be read counts as
// missing, one that cannot be written is not written.

#include <filesystem>
#include <string>
#include <vector>

#include "viewer/theme.h"

namespace memoir {

struct Settings {
  ThemeKind theme = ThemeKind::kDark;
  float scale = 1;  // the user's own, on top of the display's
  float timeline_height = 150;
  float details_width = 0.42f;  // of the whole
  bool details_are_open = true;
  std::vector<std::string> recent;  // newest first
  std::string folder;               // of the file dialog

  void add_recent(const std::filesystem::path& trace);
};

// "" where neither variable is set.
std::filesystem::path settings_path();
Settings read_settings(const std::filesystem::path& path);
void write_settings(const Settings& settings, const std::filesystem::path& path);

}  // namespace memoir
