#include "shim/bootstrap_heap.h"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace memoir {
namespace {

constexpr std::size_t kBytes = kBootstrapBytes;
constexpr std::size_t kAlignment = 16;

// In front of each block.
struct Header {
  std::size_t size;
  std::size_t unused;
};
static_assert(sizeof(Header) == kAlignment);

constinit std::atomic<std::size_t> g_used{0};

std::uintptr_t buffer_begin() {
  return reinterpret_cast<std::uintptr_t>(g_bootstrap_buffer);
}

}  // namespace

alignas(4096) constinit char g_bootstrap_buffer[kBootstrapBytes] = {};

void* bootstrap_memalign(std::size_t alignment, std::size_t size) {
  if (alignment < kAlignment) alignment = kAlignment;
  if (size > kBytes || alignment > kBytes) {
    errno = ENOMEM;
    return nullptr;
  }
  const std::size_t taken =
      sizeof(Header) + (alignment - kAlignment) + size + kAlignment - 1;
  const std::size_t step = taken / kAlignment * kAlignment;
  const std::size_t offset = g_used.fetch_add(step, std::memory_order_relaxed);
  if (offset + step > kBytes) {
    errno = ENOMEM;
    return nullptr;
  }
  std::uintptr_t block = buffer_begin() + offset + sizeof(Header);
  block = (block + alignment - 1) / alignment * alignment;
  reinterpret_cast<Header*>(block)[-1].size = size;
  return reinterpret_cast<void*>(block);
}

void* bootstrap_malloc(std::size_t size) { return bootstrap_memalign(kAlignment, size); }

void* bootstrap_calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return bootstrap_malloc(bytes);
}

void* bootstrap_realloc(void* block, std::size_t size) {
  void* moved = bootstrap_malloc(size);
  if (moved == nullptr || block == nullptr) return moved;
  const std::size_t old_size = bootstrap_block_size(block);
  memcpy(moved, block, old_size < size ? old_size : size);
  return moved;
}

void bootstrap_free(void*) {}

std::size_t bootstrap_block_size(const void* block) {
  return static_cast<const Header*>(block)[-1].size;
}

}  // namespace memoir
