#include "launcher/program_errors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace memoir {

ProgramErrors::ProgramErrors(bool wanted) {
  if (!wanted) return;
  constexpr int kAboveStandard = 3;
  kept_ = ScopedFd(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, kAboveStandard));
  struct stat status {};
  if (!kept_ || fstat(kept_.get(), &status) != 0) {
    close();
    return;
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

bool ProgramErrors::is_used_by(const std::vector<std::int64_t>& pids) const {
  return std::any_of(pids.begin(), pids.end(), [this](std::int64_t pid) {
    struct stat status {};
    const std::string path = "/proc/" + std::to_string(pid) + "/fd/2";
    return stat(path.c_str(), &status) == 0 && status.st_dev == device_ &&
           status.st_ino == inode_;
  });
}

}  // namespace memoir
