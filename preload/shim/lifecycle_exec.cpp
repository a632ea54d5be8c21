// Functions that start programs. A program that gets an environment without the session
// is given what it lacks, and the image that is replaced says so.
//
// They may run in a child of vfork, on its parent's stack and heap: everything is on the
// stack, and nothing is looked up. Where nothing is lacking, the environment is passed on
// as it came.

#include "shim/lifecycle_exec.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "base/compiler.h"
#include "base/raw_syscall.h"
#include "shim/exec_target.h"
#include "shim/real_functions.h"
#include "track/followed_environment.h"
#include "track/program_signals.h"
#include "track/tracker.h"

namespace memoir {
namespace {

using Words = char* const*;
using Spawn = int(pid_t*, const char*, const posix_spawn_file_actions_t*,
                  const posix_spawnattr_t*, Words, Words);

struct ExecFunctions {
  int (*execve)(const char*, Words, Words);
  int (*execvpe)(const char*, Words, Words);
  int (*fexecve)(int, Words, Words);
  int (*execveat)(int, const char*, Words, Words, int);
  Spawn* posix_spawn;
  Spawn* posix_spawnp;
};

constinit ExecFunctions g_exec{};

template <typename Function>
void find(Function& function, const char* name) {
  function = reinterpret_cast<Function>(find_next(name));
}

MEMOIR_FAST_PATH const ExecFunctions& exec_functions() {
  if (MEMOIR_UNLIKELY(g_exec.execve == nullptr)) find_exec_functions();
  return g_exec;
}

template <typename Start>
MEMOIR_SLOW_PATH int start_followed(Words environment, const FollowedEnvironment& added,
                                    Start start) {
  const ExtendedEnvironment extended(environment, added);
  return start(extended.get());
}

// Calls start(environment) with what the new program needs to be recorded.
template <typename CanBe, typename Start>
int start_program(Words environment, CanBe can_be_preloaded, Start start) {
  const TrueSignals inherited;
  const FollowedEnvironment* followed = followed_environment();
  if (followed == nullptr || !lacks_session(environment, *followed) ||
      !can_be_preloaded()) {
    return start(environment);
  }
  return start_followed(environment, *followed, start);
}

template <typename CanBe, typename Start>
int replace_program(Words environment, CanBe can_be_preloaded, Start start) {
  track_before_exec();
  const int answer = start_program(environment, can_be_preloaded, start);
  const int error = errno;
  track_after_failed_exec();
  errno = error;
  return answer;
}

int exec_path(const char* path, Words arguments, Words environment) {
  const auto real = exec_functions().execve;
  return replace_program(
      environment, [=] { return can_be_preloaded(AT_FDCWD, path); },
      [=](Words extended) { return real(path, arguments, extended); });
}

int exec_name(const char* name, Words arguments, Words environment) {
  const auto real = exec_functions().execvpe;
  return replace_program(
      environment, [=] { return can_be_preloaded_by_name(name); },
      [=](Words extended) { return real(name, arguments, extended); });
}

// The words of execl() and its like, whose list has been counted.
void take_words(va_list list, const char* first, char** words, std::size_t count) {
  words[0] = const_cast<char*>(first);
  for (std::size_t i = 1; i <= count; ++i) words[i] = va_arg(list, char*);
}

// How many words follow up to the null pointer, the first included.
std::size_t count_words(va_list list, const char* first) {
  if (first == nullptr) return 0;
  std::size_t count = 1;
  while (va_arg(list, char*) != nullptr) ++count;
  return count;
}

}  // namespace

void find_exec_functions() {
  find(g_exec.execvpe, "execvpe");
  find(g_exec.fexecve, "fexecve");
  find(g_exec.execveat, "execveat");
  find(g_exec.posix_spawn, "posix_spawn");
  find(g_exec.posix_spawnp, "posix_spawnp");
  find(g_exec.execve, "execve");
}

}  // namespace memoir

using memoir::Words;

MEMOIR_EXPORT int execve(const char* path, Words arguments, Words environment) {
  return memoir::exec_path(path, arguments, environment);
}

MEMOIR_EXPORT int execv(const char* path, Words arguments) {
  return memoir::exec_path(path, arguments, environ);
}

MEMOIR_EXPORT int execvpe(const char* name, Words arguments, Words environment) {
  return memoir::exec_name(name, arguments, environment);
}

MEMOIR_EXPORT int execvp(const char* name, Words arguments) {
  return memoir::exec_name(name, arguments, environ);
}

// The list of words becomes an array; `call` may name it `words`, and `rest` is what
// comes behind its end.
#define MEMOIR_WITH_WORDS(first, call)                                              \
  va_list rest;                                                                     \
  va_start(rest, first);                                                            \
  const std::size_t count = memoir::count_words(rest, first);                       \
  va_end(rest);                                                                     \
  auto* words = static_cast<char**>(__builtin_alloca((count + 1) * sizeof(char*))); \
  va_start(rest, first);                                                            \
  memoir::take_words(rest, first, words, count);                                    \
  const int answer = call;                                                          \
  va_end(rest);                                                                     \
  return answer

MEMOIR_EXPORT int execl(const char* path, const char* first, ...) {
  MEMOIR_WITH_WORDS(first, memoir::exec_path(path, words, environ));
}

MEMOIR_EXPORT int execlp(const char* name, const char* first, ...) {
  MEMOIR_WITH_WORDS(first, memoir::exec_name(name, words, environ));
}

MEMOIR_EXPORT int execle(const char* path, const char* first, ...) {
  MEMOIR_WITH_WORDS(first, memoir::exec_path(path, words, va_arg(rest, char**)));
}

MEMOIR_EXPORT int fexecve(int file, Words arguments, Words environment) {
  const auto real = memoir::exec_functions().fexecve;
  return memoir::replace_program(
      environment, [=] { return memoir::can_be_preloaded_from(file); },
      [=](Words extended) { return real(file, arguments, extended); });
}

MEMOIR_EXPORT int execveat(int directory, const char* path, Words arguments,
                           Words environment, int flags) {
  const auto real = memoir::exec_functions().execveat;
  return memoir::replace_program(
      environment,
      [=] {
        return (flags & AT_EMPTY_PATH) != 0 && *path == '\0'
                   ? memoir::can_be_preloaded_from(directory)
                   : memoir::can_be_preloaded(directory, path);
      },
      [=](Words extended) {
        if (real != nullptr) return real(directory, path, arguments, extended, flags);
        const long answer = memoir::raw_syscall(SYS_execveat, directory, path, arguments,
                                                extended, flags);
        errno = static_cast<int>(-answer);
        return -1;
      });
}

MEMOIR_EXPORT int posix_spawn(pid_t* pid, const char* path,
                              const posix_spawn_file_actions_t* actions,
                              const posix_spawnattr_t* attributes, Words arguments,
                              Words environment) {
  const auto real = memoir::exec_functions().posix_spawn;
  return memoir::start_program(
      environment, [=] { return memoir::can_be_preloaded(AT_FDCWD, path); },
      [=](Words extended) {
        return real(pid, path, actions, attributes, arguments, extended);
      });
}

MEMOIR_EXPORT int posix_spawnp(pid_t* pid, const char* name,
                               const posix_spawn_file_actions_t* actions,
                               const posix_spawnattr_t* attributes, Words arguments,
                               Words environment) {
  const auto real = memoir::exec_functions().posix_spawnp;
  return memoir::start_program(
      environment, [=] { return memoir::can_be_preloaded_by_name(name); },
      [=](Words extended) {
        return real(pid, name, actions, attributes, arguments, extended);
      });
}
