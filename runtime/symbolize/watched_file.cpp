#include "symbolize/watched_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace memoir {

WatchedFile::WatchedFile(const std::string& path)
    : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ >= 0 && fstat(fd_, &status_) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

WatchedFile::~WatchedFile() {
  if (fd_ >= 0) close(fd_);
}

WatchedFile::WatchedFile(WatchedFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), status_(other.status_) {}

WatchedFile& WatchedFile::operator=(WatchedFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(status_, other.status_);
  return *this;
}

bool WatchedFile::unchanged() const {
  struct stat now {};
  return fd_ >= 0 && fstat(fd_, &now) == 0 && now.st_size == status_.st_size &&
         now.st_mtim.tv_sec == status_.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == status_.st_mtim.tv_nsec;
}

bool WatchedFile::is_at(const std::string& path) const {
  struct stat there {};
  return fd_ >= 0 && stat(path.c_str(), &there) == 0 && there.st_dev == status_.st_dev &&
         there.st_ino == status_.st_ino;
}

}  // namespace memoir
