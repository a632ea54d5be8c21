#pragma once

// The words of a trace for what is known of a memory error. Pure functions.

#include <string_view>

#include "base/allocation_api.h"
#include "base/fault_kind.h"

namespace memoir {

std::string_view fault_name(FaultKind kind);       // heap_buffer_overflow; "" for none
std::string_view access_name(FaultAccess access);  // read, write, free; "" when unknown
std::string_view place_name(MemoryPlace place);    // block, stack, ...; "" when unknown
std::string_view api_name(Api api);

// From a name; none or unknown for other texts.
FaultKind fault_kind(std::string_view name);
FaultAccess fault_access(std::string_view name);
MemoryPlace memory_place(std::string_view name);

}  // namespace memoir
