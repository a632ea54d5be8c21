#pragma once

// What a command writes to its standard output; "" when it cannot be run. It is not
// recorded.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace memoir::detail {

inline std::string read_to_end(int file) {
  std::string text;
  char bytes[4096];
  for (;;) {
    const ssize_t n = read(file, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(bytes, static_cast<std::size_t>(n));
  }
}

// The first word is the path of the program.
inline std::string output_of(std::vector<std::string>& words) {
  std::vector<char*> arguments, environment;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::string no_session = "MEMOIR_SESSION=none";
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view entry = *variable;
    if (entry.starts_with("LD_PRELOAD=") || entry.starts_with("MEMOIR_")) continue;
    environment.push_back(*variable);
  }
  environment.push_back(no_session.data());
  environment.push_back(nullptr);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int failed = posix_spawn(&child, words.front().c_str(), &actions, nullptr,
                                 arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text = failed == 0 ? read_to_end(ends[0]) : std::string();
  close(ends[0]);
  if (failed == 0) {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  return text;
}

}  // namespace memoir::detail
