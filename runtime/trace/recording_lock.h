#pragma once

// Tells a trace that is being written from one whose writer was killed: the writer holds
// an flock() on the file for as long as it lives, and the kernel lets go of it with the
// process. SQLite's own locks are of another kind (fcntl) and are not disturbed, as long
// as the descriptor outlives every connection of this process to the same file.
//
// Thread safety: none.

#include <filesystem>

namespace memoir {

class RecordingLock {
 public:
  // Opens the file and tries to acquire().
  explicit RecordingLock(const std::filesystem::path& path);
  ~RecordingLock();
  RecordingLock(const RecordingLock&) = delete;
  RecordingLock& operator=(const RecordingLock&) = delete;

  // False: another process writes the file.
  bool held() const { return held_; }
  // Takes the lock if it is free. A file system without locks counts as free.
  bool acquire();
  // Lets others write, and keeps the descriptor (see above).
  void release();

 private:
  int fd_ = -1;
  bool held_ = false;
};

}  // namespace memoir
