#pragma once

// Memory for the library's own books, straight from the kernel: it must neither show up
// among the program's blocks nor be overwritten with them.

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <new>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MEMOIR_THREAD_SANITIZER 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define MEMOIR_THREAD_SANITIZER 1
#endif

namespace memoir::records {

#ifdef MEMOIR_THREAD_SANITIZER
// It has to see them come and go: pages that one thread gave back and another got would
// be races to it.
inline void* map_pages(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return memory;
}

inline void unmap_pages(void* memory, std::size_t bytes) noexcept {
  ::munmap(memory, bytes);
}
#else
// Not mmap(): that would be recorded as the program's.
inline void* map_pages(std::size_t bytes) {
  const long address = ::syscall(SYS_mmap, nullptr, bytes, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
  if (address == -1) throw std::bad_alloc();
  return reinterpret_cast<void*>(address);
}

inline void unmap_pages(void* memory, std::size_t bytes) noexcept {
  ::syscall(SYS_munmap, memory, bytes);
}
#endif

// A standard Allocator over them: whole pages for each vector.
template <class T>
struct page_allocator {
  using value_type = T;
  page_allocator() = default;
  template <class U>
  page_allocator(const page_allocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(map_pages(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t n) noexcept {
    unmap_pages(memory, n * sizeof(T));
  }
  bool operator==(const page_allocator&) const = default;
};

}  // namespace memoir::records
