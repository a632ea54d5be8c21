// Functions that end the process, name a thread or unload a module. dlopen is not among
// them: it looks at its caller's search path, and must be called by the program itself.

#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/raw_syscall.h"
#include "shim/real_functions.h"
#include "track/tracker.h"

namespace memoir {
namespace {

// The next function of this name, looked up once.
template <typename Function>
Function* next_function(Function*& known, const char* name) {
  if (known == nullptr) known = reinterpret_cast<Function*>(find_next(name));
  return known;
}

[[noreturn]] void end_process(int status) {
  track_exit(status);
  for (;;) raw_syscall(SYS_exit_group, status);
}

}  // namespace
}  // namespace memoir

MEMOIR_EXPORT int dlclose(void* handle) {
  using Function = int(void*);
  static constinit Function* real = nullptr;
  memoir::track_before_unload();
  const int answer = memoir::next_function(real, "dlclose")(handle);
  memoir::track_after_unload();
  return answer;
}

MEMOIR_EXPORT int pthread_setname_np(pthread_t thread, const char* name) {
  using Function = int(pthread_t, const char*);
  static constinit Function* real = nullptr;
  const int answer = memoir::next_function(real, "pthread_setname_np")(thread, name);
  if (answer == 0 && pthread_equal(thread, pthread_self()) != 0) {
    memoir::track_thread_name();
  }
  return answer;
}

MEMOIR_EXPORT int prctl(int operation, ...) {
  using Function = int(int, unsigned long, unsigned long, unsigned long, unsigned long);
  static constinit Function* real = nullptr;
  unsigned long values[4];
  va_list arguments;
  va_start(arguments, operation);
  for (unsigned long& value : values) value = va_arg(arguments, unsigned long);
  va_end(arguments);
  const int answer = memoir::next_function(real, "prctl")(operation, values[0], values[1],
                                                          values[2], values[3]);
  if (operation == PR_SET_NAME && answer == 0) memoir::track_thread_name();
  return answer;
}

// A task that is made in this memory without thread-locals of its own would be taken for
// the thread that made it. glibc's posix_spawn and vfork hold that thread meanwhile.
MEMOIR_EXPORT int clone(int (*function)(void*), void* stack, int flags, void* argument,
                        ...) {
  using Function = int(int (*)(void*), void*, int, void*, ...);
  static constinit Function* real = nullptr;
  void* more[3];
  va_list arguments;
  va_start(arguments, argument);
  for (void*& value : more) value = va_arg(arguments, void*);
  va_end(arguments);
  if ((flags & (CLONE_VM | CLONE_VFORK | CLONE_SETTLS)) == CLONE_VM) {
    memoir::track_clone();
  }
  return memoir::next_function(real, "clone")(function, stack, flags, argument, more[0],
                                              more[1], more[2]);
}

MEMOIR_EXPORT void _exit(int status) { memoir::end_process(status); }

MEMOIR_EXPORT void _Exit(int status) { memoir::end_process(status); }

MEMOIR_EXPORT void quick_exit(int status) {
  using Function = void(int);
  static constinit Function* real = nullptr;
  memoir::track_exit(status);
  memoir::next_function(real, "quick_exit")(status);
  __builtin_unreachable();
}

MEMOIR_EXPORT void abort() {
  using Function = void();
  static constinit Function* real = nullptr;
  memoir::track_abort();
  memoir::next_function(real, "abort")();
  __builtin_unreachable();
}
