#pragma once

// Whether a file is what it was. What is read through a mapping must not be looked at any
// more once somebody wrote into the file: it makes no sense then, and may end early
// (SIGBUS). A file that was removed or replaced is still there for who has it open.
//
// Thread safety: const functions from any thread.

#include <sys/stat.h>

#include <string>

namespace memoir {

class WatchedFile {
 public:
  WatchedFile() = default;
  explicit WatchedFile(const std::string& path);
  ~WatchedFile();
  WatchedFile(WatchedFile&& other) noexcept;
  WatchedFile& operator=(WatchedFile&& other) noexcept;

  // False when it could not be opened.
  bool unchanged() const;
  // Whether this path still leads to it.
  bool is_at(const std::string& path) const;

 private:
  int fd_ = -1;
  struct stat status_ {};
};

}  // namespace memoir
