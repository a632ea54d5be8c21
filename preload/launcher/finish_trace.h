#pragma once

// The end of every recording: symbols, indexes, one plain file.
//
// Thread safety: one thread.

#include "base/options.h"
#include "collect/fault_book.h"
#include "symbolize/early_symbols.h"
#include "trace/trace_writer.h"

namespace memoir {

struct FinishOptions {
  bool quiet = false;    // no progress on standard error (which is on a terminal only)
  bool sources = false;  // the trace gets the sources that its frames name
};

// Throws Error when the trace cannot be written. `symbols`: what was looked up so far.
void finish_trace(TraceWriter& writer, EarlySymbols& symbols,
                  const FinishOptions& options);

// What was recorded, by whom and where: the `meta` rows.
void describe_recording(TraceWriter& writer, const std::string& command, RunMode mode);
// After the recording: what is known of memory errors that have no rows.
void describe_faults(TraceWriter& writer, const FaultBook& faults);

}  // namespace memoir
