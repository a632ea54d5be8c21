#pragma once

// Makes sense of what a program tells of a memory error, and believes none of it: a field
// that cannot be is left out, a record that cannot be is none.
//
// Pure functions of bytes.

#include <optional>
#include <string_view>

#include "trace/fault_table.h"
#include "wire/fault_record.h"

namespace memoir {

// A copy whose enumerations and counts are within their bounds. Its stacks and its text
// are still to be looked up, with as much distrust.
std::optional<FaultRecord> read_fault_record(std::string_view bytes);

// The parts of FaultRecord::pool_text, of which some may be missing.
PoolMisuse read_pool_misuse(const FaultRecord& record, std::string_view text);

}  // namespace memoir
