#pragma once

// Memory of mmap(): whole pages, zero when they are new. Thread safety: any.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <memory_resource>
#include <new>

#include "memoir/config.h"

MEMOIR_BEGIN
namespace detail {

class page_source final : public std::pmr::memory_resource {
 public:
  static constexpr std::size_t kPage = 4096;

 private:
  static std::size_t in_pages(std::size_t bytes) {
    return (bytes + kPage - 1) & ~(kPage - 1);
  }

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (in_pages(bytes) < bytes || alignment > kPage) throw std::bad_alloc();
    void* memory = mmap(nullptr, in_pages(bytes), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t) override {
    munmap(memory, in_pages(bytes));
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return dynamic_cast<const page_source*>(&other) != nullptr;
  }
};

}  // namespace detail
MEMOIR_END
