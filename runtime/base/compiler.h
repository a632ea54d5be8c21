#pragma once

// Words for what the language has no word for.

#define MEMOIR_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MEMOIR_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// A function that decides, and the one that does the rest out of line.
#define MEMOIR_FAST_PATH inline __attribute__((always_inline))
#define MEMOIR_SLOW_PATH __attribute__((noinline, cold))

// Visible outside the library. What is exported is listed in shim/exports.map as well.
#define MEMOIR_EXPORT extern "C" __attribute__((visibility("default")))

// Thread-locals of the tracee side: no call to __tls_get_addr, which may allocate.
#define MEMOIR_THREAD_LOCAL \
  constinit thread_local __attribute__((tls_model("initial-exec")))
