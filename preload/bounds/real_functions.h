#pragma once

// libc's functions, behind the interceptors.
//
// Until they are found, each entry finds them all and goes on with the real one. While
// that is going on, in the thread that does it, some have a simple form of their own:
// dlsym() may call them.
//
// Thread safety: any thread. No state but the table; errno is preserved by the look-up.

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>

#include "base/compiler.h"

namespace memoir {

struct LibcFunctions {
#define MEMOIR_REAL(result, name, parameters) result(*name) parameters;
#define MEMOIR_EARLY_REAL(result, name, parameters) result(*name) parameters;
#define MEMOIR_LATE_REAL(result, name, parameters) result(*name) parameters;
#define MEMOIR_FORMATTER(name)
#include "bounds/intercepted.inc"
#undef MEMOIR_REAL
#undef MEMOIR_EARLY_REAL
#undef MEMOIR_LATE_REAL
#undef MEMOIR_FORMATTER
};

// The rest of the program calls the interceptors by libc's names; among themselves they
// call these.
extern constinit LibcFunctions g_libc;

// Before the dynamic linker has been at this library the table means nothing. What
// libraries that come before it do then, in the resolvers of their own functions, is left
// to the early ones.
MEMOIR_SLOW_PATH void fill_unrelocated_table();

}  // namespace memoir

// Defines what the program gets for a function of libc. The C++ name differs, so that
// headers and compilers make nothing of it.
#define MEMOIR_INTERCEPTOR(result, name, parameters)   \
  extern "C" __attribute__((visibility("default")))    \
  result intercepted_##name parameters __asm__(#name); \
  extern "C" __attribute__((visibility("default"))) result intercepted_##name parameters

// Stacks begin at the caller of the interceptor, in which it must be named.
#define MEMOIR_FRAME __builtin_frame_address(0)
