#include "unwind/stack_bounds.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/pages.h"
#include "base/raw_syscall.h"

// Where the main thread's stack began, set by the dynamic linker.
extern "C" void* __libc_stack_end __attribute__((weak));

namespace memoir {
namespace {

StackBounds main_stack_bounds() {
  StackBounds bounds;
  if (&__libc_stack_end == nullptr || __libc_stack_end == nullptr) return bounds;
  // The page that holds the first frame; what lies above are arguments and environment.
  bounds.high =
      round_up(reinterpret_cast<std::uint64_t>(__libc_stack_end) + 1, kPageSize);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 30;
  rlimit limit{};
  raw_syscall(SYS_prlimit64, 0, RLIMIT_STACK, 0, &limit);
  const std::uint64_t size =
      limit.rlim_cur == 0 || limit.rlim_cur > kMost ? kMost : limit.rlim_cur;
  bounds.low = bounds.high - size;
  return bounds;
}

StackBounds thread_stack_bounds() {
  StackBounds bounds;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return bounds;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    bounds.low = reinterpret_cast<std::uint64_t>(low);
    bounds.high = bounds.low + size;
  }
  pthread_attr_destroy(&attributes);
  return bounds;
}

}  // namespace

StackBounds current_stack_bounds() {
  const bool is_main = raw_syscall(SYS_gettid) == raw_syscall(SYS_getpid);
  StackBounds bounds = is_main ? main_stack_bounds() : thread_stack_bounds();
  // A forked child's only thread may stand on any stack; a program may switch stacks.
  const auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  if (is_main && !bounds.contains(here, 1)) bounds = thread_stack_bounds();
  if (!bounds.contains(here, 1)) bounds = {};
  return bounds;
}

bool read_word_carefully(std::uint64_t address, std::uint64_t& value) {
  const iovec to{&value, sizeof value};
  const iovec from{reinterpret_cast<void*>(address), sizeof value};
  return raw_syscall(SYS_process_vm_readv, raw_syscall(SYS_getpid), &to, 1, &from, 1,
                     0) == static_cast<long>(sizeof value);
}

}  // namespace memoir
