#pragma once

// How a pool_watch is to speak of blocks, and treat them.

#include <cstdint>

namespace memoir::records {

// What a second return is, and a use after it.
enum class watch_style : std::uint8_t {
  allocator,  // double_free, use_after_free
  pool,       // double_return, use_after_return
  arena       // double_free, use_after_reset
};

// Memory that must stay as it is, because it was zeroed or holds objects, is not filled.
enum class block_content : std::uint8_t { uninitialized, kept };

}  // namespace memoir::records
