#pragma once

// The traced program as a child: held back until everything is ready, then let go.
//
// What the program leaves behind (a daemon, a job in the background) becomes our child
// when its own parent is gone: this process is made a subreaper. So it is known, without
// a race, when everything the program started has ended.
//
// Thread safety: one thread, before any other is started.

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace memoir {

class ChildProcess {
 public:
  // Forks. The child waits; `environment` is what is set in it on top of ours.
  ChildProcess(const std::filesystem::path& program,
               const std::vector<std::string>& command,
               const std::vector<std::pair<std::string, std::string>>& environment);
  // A child that was never let go ends without having run anything.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // Readable when the child has ended.
  int pidfd() const { return pidfd_; }

  // Lets it run. Throws Error (kCannotTrace) when the program could not be executed.
  void let_go();

  // Its wait status once it has ended. Does not wait.
  std::optional<int> status() const { return status_; }

  // Takes note of everything that ended since the last call: `ended(pid, wait status)`,
  // the program's own included. False when nothing is left that could still end.
  bool reap(const std::function<void(pid_t, int)>& ended);

  // Waits for it.
  int wait();

 private:
  pid_t pid_ = -1;
  int pidfd_ = -1;
  int go_ = -1;       // closing it unwritten tells the child to give up
  int failure_ = -1;  // the child writes errno here when exec fails
  std::optional<int> status_;
};

}  // namespace memoir
