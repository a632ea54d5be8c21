#pragma once

// Depot nodes of one process to stacks of the trace. A node is translated when the first
// event that names it is taken, while the modules are mapped as they were then.
//
// Thread safety: one thread.

#include <cstdint>
#include <vector>

#include "collect/module_map.h"
#include "collect/session_mapping.h"
#include "trace/trace_writer.h"

namespace memoir {

class StackTranslator {
 public:
  StackTranslator(const SessionMapping& session, TraceWriter& writer)
      : session_(session), writer_(writer) {}

  // Stacks that name no node get a frame of their own that says so.
  TraceStackId translate(StackNodeId node, const ModuleMap& modules);

 private:
  TraceStackId translate_frame(TraceStackId parent, const StackNode& node,
                               const ModuleMap& modules);

  const SessionMapping& session_;
  TraceWriter& writer_;
  std::vector<TraceStackId> known_;  // by node; none: not translated yet
  std::vector<StackNodeId> path_;    // scratch
};

}  // namespace memoir
