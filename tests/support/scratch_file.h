#pragma once

// A path for a trace of one test, gone with its companions when the test ends.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace memoir {

class ScratchFile {
 public:
  explicit ScratchFile(const std::string& name = "test.memoir") {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "memoir-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ / name;
  }
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

}  // namespace memoir
