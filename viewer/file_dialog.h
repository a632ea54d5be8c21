#pragma once

// Chooses a trace: folders and traces of one folder, a path that can be typed.
//
// Thread safety: the thread that draws.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "viewer/settings.h"

namespace memoir {

class FileDialog {
 public:
  // In `folder`, or where the viewer was started when that is no folder.
  void open(const std::filesystem::path& folder);
  bool is_open() const { return is_open_; }
  // The trace that was chosen in this frame.
  std::vector<std::filesystem::path> draw(Settings& settings);

 private:
  struct Entry {
    std::filesystem::path path;
    std::string name;
    bool is_folder = false;
    std::uint64_t bytes = 0;
    std::int64_t modified = 0;  // seconds since 1970
  };

  void go(const std::filesystem::path& folder);
  void draw_entries(std::vector<std::filesystem::path>& chosen);

  bool is_open_ = false, just_opened_ = false;
  std::filesystem::path folder_;
  std::vector<Entry> entries_;
  std::string typed_, problem_;
  bool all_files_ = false;
  int selected_ = -1;
};

}  // namespace memoir
