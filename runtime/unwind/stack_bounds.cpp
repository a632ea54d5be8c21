#include "unwind/stack_bounds.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/pages.h"
#include "base/raw_syscall.h"

// Where the main thread's stack began, set by the dynamic linker.
extern "C" void* __libc_stack_end __attribute__((weak));

namespace memoir {
namespace {

constexpr std::uint64_t kMostStack = std::uint64_t{1} << 30;
constexpr std::uint64_t kUsualStack = std::uint64_t{8} << 20;

std::uint64_t stack_limit(std::uint64_t otherwise) {
  rlimit limit{};
  raw_syscall(SYS_prlimit64, 0, RLIMIT_STACK, 0, &limit);
  return limit.rlim_cur == 0 || limit.rlim_cur > kMostStack ? otherwise : limit.rlim_cur;
}

StackBounds main_stack_bounds() {
  StackBounds bounds;
  if (&__libc_stack_end == nullptr || __libc_stack_end == nullptr) return bounds;
  // The page that holds the first frame; what lies above are arguments and environment.
  bounds.high =
      round_up(reinterpret_cast<std::uint64_t>(__libc_stack_end) + 1, kPageSize);
  bounds.low = bounds.high - stack_limit(kMostStack);
  return bounds;
}

bool is_mapped(std::uint64_t begin, std::uint64_t end) {
  unsigned char present[256];
  for (std::uint64_t at = begin; at < end;) {
    const std::uint64_t most = sizeof present * kPageSize;
    const std::uint64_t bytes = end - at < most ? end - at : most;
    if (raw_syscall(SYS_mincore, at, bytes, present) != 0) return false;
    at += bytes;
  }
  return true;
}

// glibc puts the descriptor of a thread, which pthread_self() is the address of, at the
// top of the thread's stack.
StackBounds thread_stack_bounds(std::uint64_t here) {
  StackBounds bounds;
  const auto descriptor = static_cast<std::uint64_t>(pthread_self());
  const std::uint64_t page = here & ~(kPageSize - 1);
  if (descriptor <= here || descriptor - here > kMostStack) return bounds;
  // Something else may lie in between, if we stand on another stack.
  if (!is_mapped(page, descriptor & ~(kPageSize - 1))) return bounds;
  const std::uint64_t size = stack_limit(kUsualStack);
  bounds.high = descriptor;
  bounds.low =
      bounds.high > size && bounds.high - size < page ? bounds.high - size : page;
  return bounds;
}

}  // namespace

StackBounds current_stack_bounds() {
  const auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  if (raw_syscall(SYS_gettid) == raw_syscall(SYS_getpid)) {
    const StackBounds bounds = main_stack_bounds();
    if (bounds.contains(here, 1)) return bounds;
  }
  // Also the only thread of a child that another thread than the first one forked.
  return thread_stack_bounds(here);
}

}  // namespace memoir
