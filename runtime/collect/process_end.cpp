#include "collect/process_end.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <fstream>
#include <sstream>
#include <string>

namespace memoir {
namespace {

// struct pidfd_info and its ioctl, first version (linux/pidfd.h of Linux 6.13; the exit
// code is told from 6.15 on). Older kernels answer with an error.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup;
  std::uint32_t pid, tgid, ppid;
  std::uint32_t ids[8];
  std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t kPidfdInfoExit = 1u << 3;

// The fields of /proc/PID/stat behind the command, the first of which is the state.
std::optional<std::istringstream> stat_fields(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t command_end = line.rfind(')');
  if (command_end == std::string::npos) return std::nullopt;
  return std::istringstream(line.substr(command_end + 1));
}

}  // namespace

std::string describe_wait_status(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal:{}", WTERMSIG(status));
  return fmt::format("exit:{}", WEXITSTATUS(status));
}

std::optional<int> wait_status_of(std::int64_t pid, int pidfd) {
  // Field 52 is the exit code; the state (field 3) is the first one here.
  constexpr int kExitCode = 52 - 3;
  if (auto fields = stat_fields(pid)) {
    std::string word;
    *fields >> word;
    const bool zombie = word == "Z" || word == "X";
    for (int i = 0; i < kExitCode && *fields >> word; ++i) {
    }
    if (zombie && *fields && word != "0") return std::stoi(word);
    if (zombie && *fields) return 0;
  }
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  if (ioctl(pidfd, _IOWR(0xFF, 11, PidfdInfo), &info) == 0 &&
      (info.mask & kPidfdInfoExit) != 0) {
    return info.exit_code;
  }
  return std::nullopt;
}

}  // namespace memoir
