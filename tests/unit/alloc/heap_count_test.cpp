#include "unit/alloc/heap_count.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>

namespace memoir {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

thread_local std::size_t t_allocations = 0;
std::atomic<std::ptrdiff_t> live_blocks{0};
thread_local std::size_t t_left = kNever;

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (t_left == 0) throw std::bad_alloc();
  if (t_left != kNever) --t_left;
  ++t_allocations;
  live_blocks.fetch_add(1, std::memory_order_relaxed);
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

void release(void* memory) noexcept {
  if (memory != nullptr) live_blocks.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

std::size_t heap_allocations() noexcept { return t_allocations; }
std::ptrdiff_t heap_live_blocks() noexcept { return live_blocks; }
failing_heap::failing_heap(std::size_t after) noexcept { t_left = after; }
failing_heap::~failing_heap() { t_left = kNever; }

TEST(HeapCountTest, CountsWhatNewDoes) {
  const std::size_t before = heap_allocations();
  const auto one = std::make_unique<int>(1);
  struct alignas(128) wide {
    char bytes[128];
  };
  const auto two = std::make_unique<wide>();
  EXPECT_EQ(heap_allocations(), before + 2);
}

TEST(HeapCountTest, FailsWhenItIsToldTo) {
  // Called by name: what new-expressions ask for may be left out by the compiler.
  const std::ptrdiff_t live = heap_live_blocks();
  void* one = nullptr;
  bool failed = false;
  {
    const failing_heap heap{1};
    one = ::operator new(8);
    try {
      ::operator delete(::operator new(8));
    } catch (const std::bad_alloc&) {
      failed = true;
    }
  }
  EXPECT_TRUE(failed);
  EXPECT_EQ(heap_live_blocks(), live + 1);
  ::operator delete(one);
  EXPECT_EQ(heap_live_blocks(), live);
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
[[gnu::noinline]] void operator delete(void* memory) noexcept { memoir::release(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  memoir::release(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  memoir::release(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t,
                                       std::align_val_t) noexcept {
  memoir::release(memory);
}
