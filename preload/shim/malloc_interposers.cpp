// The C allocation functions. Each calls the real one and says what happened.

#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/pages.h"
#include "shim/bootstrap_heap.h"
#include "shim/frame.h"
#include "shim/real_functions.h"
#include "track/allocation_failures.h"
#include "track/checked_allocator.h"
#include "track/foreign_block.h"
#include "track/misuse_report.h"
#include "track/tracker.h"

namespace memoir {
namespace {

constexpr std::uint8_t kPageLog2 = 12;

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

// The block of an address that is nothing of the checked heap's: the real allocator's, if
// it can be one of its blocks at all.
MEMOIR_SLOW_PATH bool is_released_to_real(Api api, void* block, const void* frame) {
  if (is_foreign_block(block)) return true;
  report_invalid_free(api, block, frame);
  return false;
}

// True when nothing is left to do for the real allocator.
MEMOIR_FAST_PATH bool release_checked(Api api, void* block, std::size_t size,
                                      std::uint8_t alignment_log2, const void* frame) {
  return checked_free(api, block, size, alignment_log2, frame) ||
         !is_released_to_real(api, block, frame);
}

// What libc makes of an alignment that is no power of two: the next one.
std::uint8_t sound_alignment(Api api, std::size_t alignment, const void* frame) {
  if (std::has_single_bit(alignment)) return log2_of(alignment);
  report_bad_alignment(api, alignment, frame);
  if (alignment == 0) return 0;
  return static_cast<std::uint8_t>(std::bit_width(alignment));
}

void* checked_aligned(Api api, std::size_t alignment, std::size_t size,
                      const void* frame) {
  const std::uint8_t log2 = sound_alignment(api, alignment, frame);
  if (log2 >= 63) {
    errno = EINVAL;
    return nullptr;
  }
  return checked_alloc(api, size, log2, false, frame);
}

int checked_posix_memalign(void** block, std::size_t alignment, std::size_t size,
                           const void* frame) {
  if (!std::has_single_bit(alignment) || alignment % sizeof(void*) != 0) {
    report_bad_alignment(Api::kPosixMemalign, alignment, frame);
    return EINVAL;
  }
  const int saved_errno = errno;
  void* made = checked_alloc(Api::kPosixMemalign, size, log2_of(alignment), false, frame);
  errno = saved_errno;
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}

MEMOIR_FAST_PATH void release(Api api, void* block, std::size_t size,
                              std::uint8_t alignment_log2, const void* frame) {
  if (block == nullptr || is_bootstrap_block(block)) return;
  if (serves_blocks() && release_checked(api, block, size, alignment_log2, frame)) return;
  track_free(api, block, size, frame);
  real().free(block);
}

// A bootstrap block is moved to the real allocator, which has never seen it.
MEMOIR_SLOW_PATH void* move_from_bootstrap(Api api, void* block, std::size_t size,
                                           const void* frame) {
  void* moved = serves_blocks() ? checked_alloc(api, size, 0, false, frame)
                                : allocated(api, real().malloc(size), size, 0, frame);
  if (moved == nullptr) return nullptr;
  const std::size_t old_size = bootstrap_block_size(block);
  memcpy(moved, block, old_size < size ? old_size : size);
  return moved;
}

MEMOIR_FAST_PATH void* reallocated(Api api, void* old_block, std::size_t size,
                                   const void* frame) {
  if (size != 0 && is_made_to_fail(api, size, frame)) return nullptr;
  if (old_block == nullptr) {
    if (serves_blocks()) return checked_alloc(api, size, 0, false, frame);
    return allocated(api, real().realloc(nullptr, size), size, 0, frame);
  }
  if (MEMOIR_UNLIKELY(is_bootstrap_block(old_block))) {
    return move_from_bootstrap(api, old_block, size, frame);
  }
  if (serves_blocks()) {
    void* moved = nullptr;
    if (checked_realloc(api, old_block, size, moved, frame)) return moved;
    if (!is_released_to_real(api, old_block, frame)) return nullptr;
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
using memoir::is_made_to_fail;
using memoir::kNoAlignment;
using memoir::real;
using memoir::serves_blocks;

MEMOIR_EXPORT void* malloc(std::size_t size) {
  const auto& functions = real();
  if (is_made_to_fail(Api::kMalloc, size, MEMOIR_FRAME)) return nullptr;
  if (serves_blocks()) {
    return memoir::checked_alloc(Api::kMalloc, size, 0, false, MEMOIR_FRAME);
  }
  return allocated(Api::kMalloc, functions.malloc(size), size, 0, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* calloc(std::size_t count, std::size_t size) {
  const auto& functions = real();
  if (is_made_to_fail(Api::kCalloc, count * size, MEMOIR_FRAME)) return nullptr;
  if (serves_blocks()) {
    std::size_t bytes = 0;
    // What does not fit is no size at all.
    if (__builtin_mul_overflow(count, size, &bytes)) bytes = ~std::size_t{0};
    return memoir::checked_alloc(Api::kCalloc, bytes, 0, true, MEMOIR_FRAME);
  }
  return allocated(Api::kCalloc, functions.calloc(count, size), count * size, 0,
                   MEMOIR_FRAME);
}

MEMOIR_EXPORT void* realloc(void* block, std::size_t size) {
  return memoir::reallocated(Api::kRealloc, block, size, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* reallocarray(void* block, std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    if (serves_blocks()) {
      memoir::report_bad_size(Api::kReallocarray, ~std::size_t{0}, MEMOIR_FRAME);
    }
    errno = ENOMEM;
    return nullptr;
  }
  return memoir::reallocated(Api::kReallocarray, block, bytes, MEMOIR_FRAME);
}

MEMOIR_EXPORT void free(void* block) {
  memoir::release(Api::kFree, block, 0, kNoAlignment, MEMOIR_FRAME);
}

MEMOIR_EXPORT void cfree(void* block) {
  memoir::release(Api::kCfree, block, 0, kNoAlignment, MEMOIR_FRAME);
}

MEMOIR_EXPORT void free_sized(void* block, std::size_t size) {
  memoir::release(Api::kFreeSized, block, size, kNoAlignment, MEMOIR_FRAME);
}

MEMOIR_EXPORT void free_aligned_sized(void* block, std::size_t alignment,
                                      std::size_t size) {
  memoir::release(Api::kFreeAlignedSized, block, size, memoir::log2_of(alignment),
                  MEMOIR_FRAME);
}

MEMOIR_EXPORT int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  const auto& functions = real();
  const int saved_errno = errno;
  if (is_made_to_fail(Api::kPosixMemalign, size, MEMOIR_FRAME)) {
    errno = saved_errno;
    return ENOMEM;
  }
  if (serves_blocks()) {
    return memoir::checked_posix_memalign(block, alignment, size, MEMOIR_FRAME);
  }
  const int error = functions.posix_memalign(block, alignment, size);
  if (error == 0) allocated(Api::kPosixMemalign, *block, size, alignment, MEMOIR_FRAME);
  return error;
}

MEMOIR_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) {
  const auto& functions = real();
  if (is_made_to_fail(Api::kAlignedAlloc, size, MEMOIR_FRAME)) return nullptr;
  if (serves_blocks()) {
    return memoir::checked_aligned(Api::kAlignedAlloc, alignment, size, MEMOIR_FRAME);
  }
  return allocated(Api::kAlignedAlloc, functions.aligned_alloc(alignment, size), size,
                   alignment, MEMOIR_FRAME);
}

MEMOIR_EXPORT void* memalign(std::size_t alignment, std::size_t size) {
  const auto& functions = real();
  if (is_made_to_fail(Api::kMemalign, size, MEMOIR_FRAME)) return nullptr;
  if (serves_blocks()) {
    return memoir::checked_aligned(Api::kMemalign, alignment, size, MEMOIR_FRAME);
  }
  return allocated(Api::kMemalign, functions.memalign(alignment, size), size, alignment,
                   MEMOIR_FRAME);
}

MEMOIR_EXPORT void* valloc(std::size_t size) {
  const auto& functions = real();
  if (is_made_to_fail(Api::kValloc, size, MEMOIR_FRAME)) return nullptr;
  if (serves_blocks()) {
    return memoir::checked_alloc(Api::kValloc, size, memoir::kPageLog2, false,
                                 MEMOIR_FRAME);
  }
  return allocated(Api::kValloc, functions.valloc(size), size, memoir::kPageSize,
                   MEMOIR_FRAME);
}

MEMOIR_EXPORT void* pvalloc(std::size_t size) {
  const auto& functions = real();
  if (is_made_to_fail(Api::kPvalloc, size, MEMOIR_FRAME)) return nullptr;
  // Whole pages are what the caller gets.
  const std::size_t rounded = memoir::round_up(size, memoir::kPageSize);
  if (serves_blocks()) {
    return memoir::checked_alloc(Api::kPvalloc, rounded < size ? size : rounded,
                                 memoir::kPageLog2, false, MEMOIR_FRAME);
  }
  return allocated(Api::kPvalloc, functions.pvalloc(size), rounded, memoir::kPageSize,
                   MEMOIR_FRAME);
}

MEMOIR_EXPORT std::size_t malloc_usable_size(void* block) {
  if (memoir::is_bootstrap_block(block)) return memoir::bootstrap_block_size(block);
  std::size_t size = 0;
  if (serves_blocks() && memoir::checked_size(block, size)) return size;
  return real().malloc_usable_size(block);
}
