#pragma once

// Source files as a program names them itself: the compiler was told a path, which may be
// relative to the folder where it ran. Frames have whole paths, from the debug
// information.
//
// Thread safety: as the Database. Errors: throws Error (kTrace).

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

class NamedFiles {
 public:
  explicit NamedFiles(Database& database) : database_(database) {}

  // The frames' file that `file` is the end of. Of several the one that `stack` has a
  // frame of, at this line. As it is where there is none, or it is a whole path.
  std::string whole_path(const std::string& file, std::uint32_t line, TraceStackId stack);

 private:
  void read_files();

  Database& database_;
  bool is_read_ = false;
  std::map<std::string, std::vector<std::string>> files_;  // by their last part
};

}  // namespace memoir
