#include "base/pages.h"

#include <sys/mman.h>

#include "base/raw_syscall.h"

namespace memoir {

void* map_pages(std::size_t bytes) {
  const long address = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return syscall_succeeded(address) ? reinterpret_cast<void*>(address) : nullptr;
}

void unmap_pages(void* pages, std::size_t bytes) {
  raw_syscall(SYS_munmap, pages, bytes);
}

void* map_page_wiped_on_fork() {
  void* page = map_pages(kPageSize);
  if (page == nullptr) return nullptr;
  if (raw_syscall(SYS_madvise, page, kPageSize, MADV_WIPEONFORK) != 0) {
    unmap_pages(page, kPageSize);
    return nullptr;
  }
  return page;
}

}  // namespace memoir
