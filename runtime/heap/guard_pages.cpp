#include "heap/guard_pages.h"

#include <sys/mman.h>

#include "base/pages.h"
#include "base/raw_syscall.h"

namespace memoir {
namespace {

// <linux/mman.h> of 6.13.
constexpr int kGuardInstall = 102;
constexpr int kGuardRemove = 103;

constinit GuardKind g_method = GuardKind::kNone;

bool kernel_can_install() {
  void* page = map_pages(kPageSize);
  if (page == nullptr) return false;
  const bool can = raw_syscall(SYS_madvise, page, kPageSize, kGuardInstall) == 0;
  unmap_pages(page, kPageSize);
  return can;
}

}  // namespace

GuardKind choose_guard_method(bool may_install) {
  g_method =
      may_install && kernel_can_install() ? GuardKind::kInstall : GuardKind::kProtect;
  return g_method;
}

GuardKind guard_method() { return g_method; }

bool install_guards(std::uintptr_t begin, std::size_t bytes) {
  switch (g_method) {
    case GuardKind::kInstall:
      return raw_syscall(SYS_madvise, begin, bytes, kGuardInstall) == 0;
    case GuardKind::kProtect:
      raw_syscall(SYS_madvise, begin, bytes, MADV_DONTNEED);
      return raw_syscall(SYS_mprotect, begin, bytes, PROT_NONE) == 0;
    case GuardKind::kNone:
      return false;
  }
  return false;
}

bool remove_guards(std::uintptr_t begin, std::size_t bytes) {
  switch (g_method) {
    case GuardKind::kInstall:
      return raw_syscall(SYS_madvise, begin, bytes, kGuardRemove) == 0;
    case GuardKind::kProtect:
      return raw_syscall(SYS_mprotect, begin, bytes, PROT_READ | PROT_WRITE) == 0;
    case GuardKind::kNone:
      return false;
  }
  return false;
}

bool open_page(std::uintptr_t page) {
  if (g_method == GuardKind::kInstall) {
    raw_syscall(SYS_madvise, page, kPageSize, kGuardRemove);
  }
  return raw_syscall(SYS_mprotect, page, kPageSize, PROT_READ | PROT_WRITE) == 0;
}

void retire_pages(std::uintptr_t begin, std::size_t bytes) {
  const long mapped =
      raw_syscall(SYS_mmap, begin, bytes, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  // No room for another mapping in the kernel's list: the memory goes, at least.
  if (!syscall_succeeded(mapped)) raw_syscall(SYS_madvise, begin, bytes, MADV_DONTNEED);
}

}  // namespace memoir
