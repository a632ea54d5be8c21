#pragma once

// What a trace still lacks when its recording was cut short: the names of its addresses,
// and the indexes of its tables.
//
// Thread safety: as its TraceReader. Errors: none; a trace that cannot be changed, or a
// full disk, leaves module+0xoffset where names would be.

#include "symbolize/symbolize_trace.h"
#include "trace/trace_reader.h"

namespace memoir {

// Does nothing to a trace that is complete, or still being written.
void complete_trace(TraceReader& trace, const SymbolizeProgress& progress = {});

}  // namespace memoir
