// Mappings and the program break. The mapping calls go straight to the kernel, as libc's
// wrappers do, so that they work before anything has been looked up.

#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>

#include "base/raw_syscall.h"
#include "shim/frame.h"
#include "shim/real_functions.h"
#include "track/tracker.h"

namespace memoir {
namespace {

// The kernel's answer as libc gives it: -1 and errno on failure.
long to_libc(long answer) {
  if (syscall_succeeded(answer)) return answer;
  errno = static_cast<int>(-answer);
  return -1;
}

void* map(void* address, std::size_t size, int protection, int flags, int fd,
          off_t offset, const void* frame) {
  const long mapped =
      to_libc(raw_syscall(SYS_mmap, address, size, protection, flags, fd, offset));
  if (mapped != -1) track_map(Api::kMmap, reinterpret_cast<void*>(mapped), size, frame);
  return reinterpret_cast<void*>(mapped);
}

// The break moved from `before` to `after`.
void track_break(Api api, char* before, char* after, std::uint64_t time,
                 const void* frame) {
  if (after > before) {
    track_map(api, before, static_cast<std::size_t>(after - before), frame);
  } else if (after < before) {
    track_unmap(api, after, static_cast<std::size_t>(before - after), time, frame);
  }
}

}  // namespace
}  // namespace memoir

MEMOIR_EXPORT void* mmap(void* address, std::size_t size, int protection, int flags,
                         int fd, off_t offset) {
  return memoir::map(address, size, protection, flags, fd, offset, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* mmap64(void* address, std::size_t size, int protection, int flags,
                           int fd, off64_t offset) {
  return memoir::map(address, size, protection, flags, fd, offset, MEMOIR_FRAME);
}

MEMOIR_EXPORT int munmap(void* address, std::size_t size) {
  const std::uint64_t before = memoir::track_now();
  const long answer = memoir::to_libc(memoir::raw_syscall(SYS_munmap, address, size));
  if (answer == 0) {
    memoir::track_unmap(memoir::Api::kMunmap, address, size, before, MEMOIR_FRAME);
  }
  return static_cast<int>(answer);
}

MEMOIR_EXPORT void* mremap(void* old_address, std::size_t old_size, std::size_t size,
                           int flags, ...) {
  void* wanted = nullptr;
  if ((flags & MREMAP_FIXED) != 0) {
    va_list arguments;
    va_start(arguments, flags);
    wanted = va_arg(arguments, void*);
    va_end(arguments);
  }
  const std::uint64_t before = memoir::track_now();
  const long mapped = memoir::to_libc(
      memoir::raw_syscall(SYS_mremap, old_address, old_size, size, flags, wanted));
  auto* address = reinterpret_cast<void*>(mapped);
  if (mapped != -1) {
    memoir::track_remap(old_address, old_size, before, address, size, MEMOIR_FRAME);
  }
  return address;
}

MEMOIR_EXPORT void* sbrk(intptr_t increment) {
  const auto real = memoir::real().sbrk;
  if (real == nullptr) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
  }
  const std::uint64_t time = memoir::track_now();
  void* old_break = real(increment);
  if (old_break != reinterpret_cast<void*>(-1)) {
    auto* from = static_cast<char*>(old_break);
    memoir::track_break(memoir::Api::kSbrk, from, from + increment, time, MEMOIR_FRAME);
  }
  return old_break;
}

MEMOIR_EXPORT int brk(void* wanted) {
  const memoir::RealFunctions& real = memoir::real();
  if (real.brk == nullptr || real.sbrk == nullptr) {
    errno = ENOMEM;
    return -1;
  }
  const std::uint64_t time = memoir::track_now();
  void* old_break = real.sbrk(0);
  const int answer = real.brk(wanted);
  if (answer == 0) {
    memoir::track_break(memoir::Api::kBrk, static_cast<char*>(old_break),
                        static_cast<char*>(wanted), time, MEMOIR_FRAME);
  }
  return answer;
}
