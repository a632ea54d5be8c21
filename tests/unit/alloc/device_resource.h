#pragma once

// Memory as a device has it, without one: pages that the host may not touch. Its own
// copies open them for a moment, as a driver would.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <memory_resource>

namespace memoir {

class device_resource : public std::pmr::memory_resource {
 public:
  std::size_t live() const { return live_; }

  static void copy_to_device(void* to, const void* from, std::size_t bytes) {
    open(to, bytes, PROT_READ | PROT_WRITE);
    std::memcpy(to, from, bytes);
    open(to, bytes, PROT_NONE);
  }
  static void copy_to_host(void* to, const void* from, std::size_t bytes) {
    open(const_cast<void*>(from), bytes, PROT_READ);
    std::memcpy(to, from, bytes);
    open(const_cast<void*>(from), bytes, PROT_NONE);
  }

 private:
  static std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
  static std::size_t whole(std::size_t bytes) {
    return (bytes + page() - 1) / page() * page();
  }
  static void open(void* memory, std::size_t bytes, int protection) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t begin = address / page() * page();
    ASSERT_EQ(::mprotect(reinterpret_cast<void*>(begin), whole(address - begin + bytes),
                         protection),
              0);
  }

  void* do_allocate(std::size_t bytes, std::size_t) override {
    void* const memory =
        ::mmap(nullptr, whole(bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    ++live_;
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t) override {
    ::munmap(memory, whole(bytes));
    --live_;
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::size_t live_ = 0;
};

}  // namespace memoir
