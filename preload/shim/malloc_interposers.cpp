// The C allocation functions. Each calls the real one and says what happened.

#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "shim/bootstrap_heap.h"
#include "shim/frame.h"
#include "shim/real_functions.h"
#include "track/tracker.h"

namespace memoir {
namespace {

std::uint8_t log2_of(std::size_t alignment) {
  return static_cast<std::uint8_t>(std::bit_width(alignment) - 1);
}

MEMOIR_FAST_PATH void* allocated(Api api, void* block, std::size_t size,
                                 std::size_t alignment, const void* frame) {
  if (MEMOIR_LIKELY(block != nullptr && g_real.ready)) {
    track_alloc(api, block, size, alignment == 0 ? 0 : log2_of(alignment), frame);
  }
  return block;
}

MEMOIR_FAST_PATH void release(Api api, void* block, std::size_t size, const void* frame) {
  if (block == nullptr || is_bootstrap_block(block)) return;
  track_free(api, block, size, frame);
  real().free(block);
}

// A bootstrap block is moved to the real allocator, which has never seen it.
MEMOIR_SLOW_PATH void* move_from_bootstrap(Api api, void* block, std::size_t size,
                                           const void* frame) {
  void* moved = real().malloc(size);
  if (moved == nullptr) return nullptr;
  const std::size_t old_size = bootstrap_block_size(block);
  memcpy(moved, block, old_size < size ? old_size : size);
  return allocated(api, moved, size, 0, frame);
}

MEMOIR_FAST_PATH void* reallocated(Api api, void* old_block, std::size_t size,
                                   const void* frame) {
  if (old_block == nullptr)
    return allocated(api, real().realloc(nullptr, size), size, 0, frame);
  if (MEMOIR_UNLIKELY(is_bootstrap_block(old_block))) {
    return move_from_bootstrap(api, old_block, size, frame);
  }
  track_start();
  const std::uint64_t before = track_now();
  void* block = real().realloc(old_block, size);
  // Nothing for a size of zero means that the block was freed; for any other, that it
  // stands as it was.
  if (block != nullptr || size == 0)
    track_realloc(api, old_block, before, block, size, frame);
  return block;
}

}  // namespace
}  // namespace memoir

using memoir::allocated;
using memoir::Api;
using memoir::real;

MEMOIR_EXPORT void* malloc(std::size_t size) {
  return allocated(Api::kMalloc, real().malloc(size), size, 0, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* calloc(std::size_t count, std::size_t size) {
  return allocated(Api::kCalloc, real().calloc(count, size), count * size, 0,
                   MEMOIR_FRAME);
}

MEMOIR_EXPORT void* realloc(void* block, std::size_t size) {
  return memoir::reallocated(Api::kRealloc, block, size, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* reallocarray(void* block, std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return memoir::reallocated(Api::kReallocarray, block, bytes, MEMOIR_FRAME);
}

MEMOIR_EXPORT void free(void* block) {
  memoir::release(Api::kFree, block, 0, MEMOIR_FRAME);
}

MEMOIR_EXPORT void cfree(void* block) {
  memoir::release(Api::kCfree, block, 0, MEMOIR_FRAME);
}

MEMOIR_EXPORT void free_sized(void* block, std::size_t size) {
  memoir::release(Api::kFreeSized, block, size, MEMOIR_FRAME);
}

MEMOIR_EXPORT void free_aligned_sized(void* block, std::size_t, std::size_t size) {
  memoir::release(Api::kFreeAlignedSized, block, size, MEMOIR_FRAME);
}

MEMOIR_EXPORT int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  const int error = real().posix_memalign(block, alignment, size);
  if (error == 0) allocated(Api::kPosixMemalign, *block, size, alignment, MEMOIR_FRAME);
  return error;
}

MEMOIR_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return allocated(Api::kAlignedAlloc, real().aligned_alloc(alignment, size), size,
                   alignment, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* memalign(std::size_t alignment, std::size_t size) {
  return allocated(Api::kMemalign, real().memalign(alignment, size), size, alignment,
                   MEMOIR_FRAME);
}

MEMOIR_EXPORT void* valloc(std::size_t size) {
  return allocated(Api::kValloc, real().valloc(size), size, 4096, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* pvalloc(std::size_t size) {
  return allocated(Api::kPvalloc, real().pvalloc(size), size, 4096, MEMOIR_FRAME);
}

MEMOIR_EXPORT std::size_t malloc_usable_size(void* block) {
  return memoir::is_bootstrap_block(block) ? memoir::bootstrap_block_size(block)
                                           : real().malloc_usable_size(block);
}
