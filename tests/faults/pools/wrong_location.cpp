// Memory of a device is touched by the program. The device is played by pages that may
// not be touched, so that what follows the report would trap.
//
// FINDING: wrong_location unique_buffer
//   where: touch
//   text:  it lies on a device

#include <sys/mman.h>

#include <cstdio>
#include <memory_resource>
#include <new>

#include "memoir/buffer/unique_buffer.h"

namespace {

class device_memory : public std::pmr::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t) override {
    void* memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t) override {
    munmap(memory, bytes);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

}  // namespace

int main() {
  device_memory device;
  memoir::unique_buffer<float> weights(1024, &device, memoir::memory_location::device);
  try {
    weights.at(0) = 1;  // mark: touch
  } catch (const std::logic_error&) {
    std::puts("not here");
  }
}
