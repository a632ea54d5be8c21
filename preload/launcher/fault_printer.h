#pragma once

// Prints memory errors as they happen, each with one write(), and knows which ones are to
// be silenced.
//
// Thread safety: one thread. Errors: throws Error (kTrace) when the trace that is being
// written cannot be read; what cannot be printed is in the trace nonetheless.

#include <string>

#include "analyze/stacks.h"
#include "analyze/suppressions.h"
#include "base/options.h"
#include "collect/fault_sink.h"
#include "launcher/frame_names.h"
#include "launcher/terminal.h"
#include "trace/trace_writer.h"

namespace memoir {

class FaultPrinter final : public FaultSink {
 public:
  // Enters the rules in the trace. `output`: a descriptor, which must outlive it, or -1.
  FaultPrinter(TraceWriter& writer, Suppressions suppressions, int output,
               OnFault on_fault);

  std::optional<std::string> silenced_by(const FaultRow& fault) override;
  void show(const FaultRow& fault, const FaultScene& scene) override;

  // Nothing more is printed.
  void close_output() { output_ = -1; }

 private:
  void print(const std::string& text) const;
  StackExpander expander();

  TraceWriter& writer_;
  const Suppressions suppressions_;
  int output_;
  const OnFault on_fault_;
  const TextStyle style_;
  FrameNames names_;
  std::uint64_t shown_ = 0;
};

}  // namespace memoir
