#pragma once

// The environment the program began with, also before libc knows it.

namespace memoir {

// Where the kernel put the environment; nullptr where that cannot be told.
char** initial_environment();

// The value of a variable, in the program's environment or, before there is one, in the
// initial one. nullptr when it is not there.
const char* find_in_environment(const char* name);

}  // namespace memoir
