#include "bounds/real_functions.h"

#include <dlfcn.h>
#include <errno.h>

#include <atomic>
#include <cstddef>
#include <type_traits>

#include "base/raw_syscall.h"
#include "bounds/early_functions.h"

namespace memoir {
namespace {

constinit std::atomic<long> g_finder{0};  // the thread that looks them up
constinit std::atomic<bool> g_found{false};

// False in the thread that is at it.
MEMOIR_SLOW_PATH bool find_functions() {
  const long self = raw_syscall(SYS_gettid);
  long finder = 0;
  if (!g_finder.compare_exchange_strong(finder, self)) {
    if (finder == self) return g_found.load();
    while (!g_found.load(std::memory_order_acquire)) raw_syscall(SYS_sched_yield);
    return true;
  }
  const int saved_errno = errno;
#define MEMOIR_REAL(result, name, parameters) \
  g_libc.name = reinterpret_cast<result(*) parameters>(dlsym(RTLD_NEXT, #name));
#define MEMOIR_EARLY_REAL(result, name, parameters) MEMOIR_REAL(result, name, parameters)
#define MEMOIR_LATE_REAL(result, name, parameters)
#define MEMOIR_FORMATTER(name)
#include "bounds/intercepted.inc"
#undef MEMOIR_REAL
#undef MEMOIR_EARLY_REAL
#undef MEMOIR_LATE_REAL
#undef MEMOIR_FORMATTER
  errno = saved_errno;
  g_found.store(true, std::memory_order_release);
  return true;
}

// What the table holds at first: finds all, and calls the real function; or, where that
// cannot be had yet, the early one.
template <auto kMember, auto kEarly, typename Function>
struct First;
template <auto kMember, auto kEarly, typename Result, typename... Arguments>
struct First<kMember, kEarly, Result(Arguments...)> {
  static Result call(Arguments... arguments) {
    if constexpr (!std::is_null_pointer_v<decltype(kEarly)>) {
      if (!find_functions()) return kEarly(arguments...);
    } else {
      find_functions();
    }
    return (g_libc.*kMember)(arguments...);
  }
};

// One that the program calls: so libc has it. To look for what it does not have would be
// seen, since it makes an error message.
template <auto kMember, const char* kName, typename Function>
struct Late;
template <auto kMember, const char* kName, typename Result, typename... Arguments>
struct Late<kMember, kName, Result(Arguments...)> {
  static Result call(Arguments... arguments) {
    const int saved_errno = errno;
    const auto real = reinterpret_cast<Result (*)(Arguments...)>(dlsym(RTLD_NEXT, kName));
    errno = saved_errno;
    g_libc.*kMember = real;
    return real(arguments...);
  }
};

#define MEMOIR_REAL(result, name, parameters)
#define MEMOIR_EARLY_REAL(result, name, parameters)
#define MEMOIR_LATE_REAL(result, name, parameters) constexpr char kName_##name[] = #name;
#define MEMOIR_FORMATTER(name)
#include "bounds/intercepted.inc"
#undef MEMOIR_REAL
#undef MEMOIR_EARLY_REAL
#undef MEMOIR_LATE_REAL
#undef MEMOIR_FORMATTER

// Its own address, once the dynamic linker has put it there.
constinit const volatile void* volatile g_own_address = &g_own_address;

__attribute__((constructor)) void find_before_main() { find_functions(); }

}  // namespace

constinit LibcFunctions g_libc = {
#define MEMOIR_REAL(result, name, parameters) \
  First<&LibcFunctions::name, nullptr, result parameters>::call,
#define MEMOIR_EARLY_REAL(result, name, parameters) \
  First<&LibcFunctions::name, early_##name, result parameters>::call,
#define MEMOIR_LATE_REAL(result, name, parameters) \
  Late<&LibcFunctions::name, kName_##name, result parameters>::call,
#define MEMOIR_FORMATTER(name)
#include "bounds/intercepted.inc"
#undef MEMOIR_REAL
#undef MEMOIR_EARLY_REAL
#undef MEMOIR_LATE_REAL
#undef MEMOIR_FORMATTER
};

namespace {

// Computed from where the code is, not loaded from a constant that the dynamic linker
// would have to put right first.
template <typename Function>
MEMOIR_FAST_PATH Function* computed_address(Function* function) {
  __asm__("" : "+r"(function));
  return function;
}

}  // namespace

void fill_unrelocated_table() {
  if (g_own_address == &g_own_address) return;
#define MEMOIR_REAL(result, name, parameters)
#define MEMOIR_EARLY_REAL(result, name, parameters) \
  g_libc.name = computed_address(early_##name);
#define MEMOIR_LATE_REAL(result, name, parameters)
#define MEMOIR_FORMATTER(name)
#include "bounds/intercepted.inc"
#undef MEMOIR_REAL
#undef MEMOIR_EARLY_REAL
#undef MEMOIR_LATE_REAL
#undef MEMOIR_FORMATTER
}

}  // namespace memoir
