// Starts a collector for a program that has none: bare LD_PRELOAD, or a program that
// links the runtime.

#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/pages.h"
#include "base/raw_syscall.h"
#include "base/text_writer.h"
#include "track/collector_link.h"
#include "track/find_collector.h"
#include "track/runtime_options.h"
#include "track/session.h"

namespace memoir {
namespace {

// A listening socket under a name of the kernel's choice, which goes into `name`.
int listen_anywhere(DescriptorRoom& room, Text<32>& name) {
  const long fd = room.make(
      [] { return raw_syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0); });
  if (fd < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socklen_t size = sizeof(sa_family_t);  // nothing more: the kernel picks the name
  if (raw_syscall(SYS_bind, fd, &address, size) == 0) {
    size = sizeof address;
    if (raw_syscall(SYS_getsockname, fd, &address, &size) == 0 &&
        raw_syscall(SYS_listen, fd, 64) == 0) {
      const std::size_t length = size - offsetof(sockaddr_un, sun_path);
      for (std::size_t i = 1; i < length; ++i) name.add_char(address.sun_path[i]);
      return static_cast<int>(fd);
    }
  }
  raw_syscall(SYS_close, fd);
  return -1;
}

bool begins_with(const char* text, const char* prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

// The environment without what would make the collector trace itself, and with the
// options that the program says itself, in `options`.
char** collector_environment(void* pages, std::size_t capacity, Text<4096>& options) {
  constexpr char kOptions[] = "MEMOIR_OPTIONS=";
  const char* own = options_of_program();
  options.add(kOptions);
  if (own != nullptr) options.add(own).add(":");
  char** kept = static_cast<char**>(pages);
  std::size_t n = 0;
  for (char** variable = environ; *variable != nullptr && n + 2 < capacity; ++variable) {
    if (begins_with(*variable, "LD_PRELOAD=") ||
        begins_with(*variable, "MEMOIR_SESSION=")) {
      continue;
    }
    if (own != nullptr && begins_with(*variable, kOptions)) {
      options.add(*variable + sizeof kOptions - 1);
      continue;
    }
    kept[n++] = *variable;
  }
  if (own != nullptr && !options.full()) kept[n++] = const_cast<char*>(options.c_str());
  kept[n] = nullptr;
  return kept;
}

// The exit status of a collector that has said itself why it cannot be one.
constexpr int kSaidWhy = 4;

// What the collector's starter ended with: 0 when it is ready; -1 when it did not run.
int spawn_collector(const char* path, int listener) {
  constexpr std::size_t kEnvironmentBytes = 1u << 20;
  void* pages = map_pages(kEnvironmentBytes);
  if (pages == nullptr) return -1;
  Text<4096> options;
  char** environment =
      collector_environment(pages, kEnvironmentBytes / sizeof(char*), options);
  Text<32> descriptor;
  descriptor.add_decimal(static_cast<std::uint64_t>(listener));
  Text<32> program;
  program.add_decimal(static_cast<std::uint64_t>(raw_syscall(SYS_getpid)));
  char* arguments[] = {const_cast<char*>("memoir"),
                       const_cast<char*>("collect"),
                       const_cast<char*>("--listen-fd"),
                       const_cast<char*>(descriptor.c_str()),
                       const_cast<char*>("--for-pid"),
                       const_cast<char*>(program.c_str()),
                       nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // The same number: only clears close-on-exec.
  posix_spawn_file_actions_adddup2(&actions, listener, listener);
  // Signals are blocked here for the moment, and must not be there.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  unmap_pages(pages, kEnvironmentBytes);
  if (failed != 0) return -1;
  // The child leaves the collector behind and ends at once, so that the program never has
  // a child it does not know.
  int status = 0;
  long waited;
  do {
    waited = raw_syscall(SYS_wait4, child, &status, __WALL, 0);
  } while (waited == -EINTR);
  // A program that ignores SIGCHLD never sees a status.
  if (waited < 0) return 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

bool start_collector(DescriptorRoom& room) {
  CollectorPath path;
  if (!find_collector(path)) {
    say("not recording: no collector found (set MEMOIR_COLLECTOR to the memoir command)");
    return false;
  }
  Text<32> name;
  const int listener = listen_anywhere(room, name);
  if (listener < 0) {
    say("not recording: no socket for the collector");
    return false;
  }
  const int status = spawn_collector(path.c_str(), listener);
  raw_syscall(SYS_close, listener);
  if (status != 0) {
    if (status != kSaidWhy) say("not recording: the collector could not be started");
    return false;
  }
  return setenv(kSessionVariable, name.c_str(), 1) == 0;
}

}  // namespace memoir
