#include "launcher/child_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "trace/error.h"

namespace memoir {
namespace {

void make_pipe(int (&ends)[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)),
                ErrorKind::kCannotTrace);
  }
}

[[noreturn]] void run_child(int go, int failure, const std::filesystem::path& program,
                            const std::vector<std::string>& command) {
  char byte = 0;
  ssize_t n;
  do {
    n = read(go, &byte, 1);
  } while (n < 0 && errno == EINTR);
  if (n != 1) _exit(127);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  // execvp, so that a script without a first line goes to the shell, as it would
  // natively.
  execvp(program.c_str(), arguments.data());
  const int error = errno;
  (void)!write(failure, &error, sizeof error);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(
    const std::filesystem::path& program, const std::vector<std::string>& command,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  int go[2];
  int failure[2];
  make_pipe(go);
  make_pipe(failure);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_ = fork();
  if (pid_ < 0) {
    throw Error(fmt::format("cannot start a process: {}", std::strerror(errno)),
                ErrorKind::kCannotTrace);
  }
  if (pid_ == 0) {
    close(go[1]);
    close(failure[0]);
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    run_child(go[0], failure[1], program, command);
  }
  close(go[0]);
  close(failure[1]);
  go_ = go[1];
  failure_ = failure[0];
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

ChildProcess::~ChildProcess() {
  if (go_ >= 0) {
    close(go_);
    wait();
  }
  if (failure_ >= 0) close(failure_);
  if (pidfd_ >= 0) close(pidfd_);
}

void ChildProcess::let_go() {
  (void)!write(go_, "", 1);
  close(std::exchange(go_, -1));
  int error = 0;
  ssize_t n;
  do {
    n = read(failure_, &error, sizeof error);
  } while (n < 0 && errno == EINTR);
  close(std::exchange(failure_, -1));
  if (n != sizeof error) return;
  wait();
  throw Error(fmt::format("cannot run the program: {}", std::strerror(error)),
              ErrorKind::kCannotTrace);
}

bool ChildProcess::reap(const std::function<void(pid_t, int)>& ended) {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == 0) return true;
    if (pid < 0) return errno == EINTR;
    if (pid == pid_) status_ = status;
    ended(pid, status);
  }
}

int ChildProcess::wait() {
  int status = 0;
  while (!status_) {
    const pid_t ended = waitpid(pid_, &status, 0);
    if (ended == pid_ || errno != EINTR) status_ = status;
  }
  return *status_;
}

}  // namespace memoir
