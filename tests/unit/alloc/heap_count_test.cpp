#include "unit/alloc/heap_count.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace memoir {
namespace {

thread_local std::size_t t_allocations = 0;

void* allocate(std::size_t bytes, std::size_t alignment) {
  ++t_allocations;
  bytes = bytes == 0 ? 1 : bytes;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(bytes)
                     : std::aligned_alloc(
                           alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* allocate_or_null(std::size_t bytes, std::size_t alignment) noexcept {
  try {
    return allocate(bytes, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

std::size_t heap_allocations() noexcept { return t_allocations; }

TEST(HeapCountTest, CountsWhatNewDoes) {
  const std::size_t before = heap_allocations();
  const auto one = std::make_unique<int>(1);
  struct alignas(128) wide {
    char bytes[128];
  };
  const auto two = std::make_unique<wide>();
  EXPECT_EQ(heap_allocations(), before + 2);
}

}  // namespace memoir

// Not inlined: the compiler knows new and delete as a pair, and would warn of free().
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  return memoir::allocate(bytes, 1);
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return memoir::allocate(bytes, static_cast<std::size_t>(alignment));
}
// The default ones call those above; a sanitizer's would not.
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return memoir::allocate_or_null(bytes, 1);
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
  return memoir::allocate_or_null(bytes, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t,
                                       std::align_val_t) noexcept {
  std::free(memory);
}
