#pragma once

// What pool_watch::tell() can say. memoir/pool_event.inc is the list, and says what
// `size` and `amount` are.

#include <cstdint>

namespace memoir::records {

enum class pool_event : std::uint8_t {
#define MEMOIR_POOL_EVENT(name, upper, number, walks) name = number,
#include "memoir/pool_event.inc"
#undef MEMOIR_POOL_EVENT
};

}  // namespace memoir::records
