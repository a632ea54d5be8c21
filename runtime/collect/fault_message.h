#pragma once

// A memory error in one line: what happened, and where relative to the block.
//
//   heap buffer overflow: write of 1 byte, 0 bytes after a 10-byte block
//
// A pure function.

#include <string>

#include "trace/fault_table.h"

namespace memoir {

std::string fault_message(const FaultRow& fault);

}  // namespace memoir
