#include "track/initial_environment.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstring>

// Where the kernel put the count of arguments, the arguments and the environment.
extern "C" __attribute__((weak)) void* __libc_stack_end;

namespace memoir {

char** initial_environment() {
  if (&__libc_stack_end == nullptr) return nullptr;
  char** arguments = static_cast<char**>(__libc_stack_end);
  return arguments + *reinterpret_cast<const long*>(arguments) + 2;
}

const char* find_in_environment(const char* name) {
  if (environ != nullptr) return getenv(name);
  char** variable = initial_environment();
  const std::size_t length = strlen(name);
  for (; variable != nullptr && *variable != nullptr; ++variable) {
    if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=') {
      return *variable + length + 1;
    }
  }
  return nullptr;
}

}  // namespace memoir
