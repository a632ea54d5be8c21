#pragma once

// Memory for the time before the real allocator is known: dlsym(), which finds it, may
// itself allocate. A static buffer that is handed out once and never reused.
//
// Blocks live for ever: free() of one does nothing, and realloc() moves it to the real
// allocator. They are not recorded.
//
// Thread safety: any thread.

#include <cstddef>
#include <cstdint>

namespace memoir {

inline constexpr std::size_t kBootstrapBytes = std::size_t{192} * 1024;
extern constinit char g_bootstrap_buffer[kBootstrapBytes];

// Zeroed, aligned to 16 bytes; nullptr when the buffer is used up.
void* bootstrap_malloc(std::size_t size);
void* bootstrap_calloc(std::size_t count, std::size_t size);
void* bootstrap_realloc(void* block, std::size_t size);
void* bootstrap_memalign(std::size_t alignment, std::size_t size);
void bootstrap_free(void* block);

// Whether the block was handed out here, and the size it was asked for with.
inline bool is_bootstrap_block(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) -
             reinterpret_cast<std::uintptr_t>(g_bootstrap_buffer) <
         kBootstrapBytes;
}
std::size_t bootstrap_block_size(const void* block);

}  // namespace memoir
