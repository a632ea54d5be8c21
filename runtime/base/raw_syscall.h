#pragma once

// System calls without libc: they leave errno alone, are async-signal safe, and never
// meet an interposer (the runtime's own mmap must not be recorded as the program's).
//
// Answers are the kernel's: a negative errno on failure. x86-64; another processor needs
// its own raw_syscall6().

#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace memoir {

inline long raw_syscall6(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

namespace detail {
template <typename T>
long syscall_argument(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<long>(value);
  } else {
    return static_cast<long>(value);
  }
}
}  // namespace detail

template <typename A = long, typename B = long, typename C = long, typename D = long,
          typename E = long, typename F = long>
long raw_syscall(long number, A a = 0, B b = 0, C c = 0, D d = 0, E e = 0, F f = 0) {
  using detail::syscall_argument;
  return raw_syscall6(number, syscall_argument(a), syscall_argument(b),
                      syscall_argument(c), syscall_argument(d), syscall_argument(e),
                      syscall_argument(f));
}

// Whether an answer of the kernel is an address (or count), not an errno.
inline bool syscall_succeeded(long result) { return result >= 0 || result < -4095; }

}  // namespace memoir
