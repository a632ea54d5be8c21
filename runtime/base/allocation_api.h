#pragma once

// Which function made or took a block: known on the wire, in traces and in reports.

#include <cstdint>

namespace memoir {

enum class Api : std::uint8_t {
#define MEMOIR_API(enumerator, number, name) enumerator = number,
#include "base/allocation_api.inc"
#undef MEMOIR_API
};

}  // namespace memoir
