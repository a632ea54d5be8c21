#include "symbolize/complete_trace.h"

#include "trace/error.h"
#include "trace/schema.h"

namespace memoir {

void complete_trace(TraceReader& trace, const SymbolizeProgress& progress) {
  if (trace.state() == TraceState::kGrowing || !needs_symbols(trace.database())) return;
  try {
    if (!trace.make_writable()) return;
    symbolize_trace(trace.database(), progress);
    trace.database().execute(kTraceIndexes);
  } catch (const Error&) {
    // What is there can be reported all the same.
  }
}

}  // namespace memoir
