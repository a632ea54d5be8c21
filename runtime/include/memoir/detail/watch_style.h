#pragma once

// How a pool_watch is to speak of blocks, and treat them.

#include <cstdint>

namespace memoir::records {

// What a second return is, and a use after it.
enum class watch_style : std::uint8_t {
  allocator,  // double_free, use_after_free
  pool,       // double_return, use_after_return
  arena       // double_free, use_after_reset (also after a drop)
};

// Memory that must stay as it is when it is handed out, because it was zeroed or holds
// objects, is kept: not filled. What is untouched is neither read nor written by the
// watch, also when it comes back: memory of the program's own, or of a device. It has no
// redzones, and two owners of it are a double free.
enum class block_content : std::uint8_t { uninitialized, kept, untouched };

}  // namespace memoir::records
