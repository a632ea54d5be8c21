#include "trace/recording_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace memoir {

RecordingLock::RecordingLock(const std::filesystem::path& path)
    : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  acquire();
}

RecordingLock::~RecordingLock() {
  if (fd_ >= 0) close(fd_);
}

bool RecordingLock::acquire() {
  held_ = fd_ < 0 || flock(fd_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  return held_;
}

void RecordingLock::release() {
  if (fd_ >= 0 && held_) flock(fd_, LOCK_UN);
  held_ = false;
}

}  // namespace memoir
