#pragma once

// Tells the collector of memory errors: it prints them, with names, and keeps them in the
// trace. Where there is no collector, one line on standard error tells of each.
//
// Equal errors (same kind, stack and block's origin) are counted, not told again.
//
// Thread safety and signals: safe anywhere; errno is preserved.

#include <string_view>

#include "base/stack_node.h"
#include "heap/block_check.h"
#include "wire/fault_record.h"

namespace memoir {

// Fills in what a report says of a block.
void describe_block(FaultRecord& record, const BlockView& block);

// Reports an error. The caller has set what it knows; time, thread and the memory around
// are added here. `frame` is the interposer's; `pool_text` becomes
// FaultRecord::pool_text. Does what the option on_fault says afterwards.
void report_fault(FaultRecord& record, const void* frame,
                  std::string_view pool_text = {});

// Reports what the heap found when it looked at a block: damage done some time before.
// `flags` are more of FaultRecord::flags.
void report_findings(const Findings& findings, StackNodeId stack, Api api,
                     const void* frame, std::uint8_t flags = 0);

// In a forked child: what the parent has reported is not reported any more.
void forget_reported_faults();

}  // namespace memoir
