#pragma once

// The modules of one process as it loads and unloads them: where each lies now, and the
// rows that tell when it came and went.
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written.

#include <cstdint>
#include <string>
#include <vector>

#include "collect/module_map.h"
#include "collect/session_mapping.h"
#include "trace/trace_writer.h"
#include "wire/event.h"

namespace memoir {

class ModuleLoads {
 public:
  ModuleLoads(ProcessId process, const SessionMapping& session, TraceWriter& writer)
      : process_(process), session_(session), writer_(writer) {}

  // An event of kind kModuleLoad, at `t` of the trace.
  void load(const Event& event, std::uint64_t t);
  // The module that began at this address is gone.
  void unload(std::uint64_t begin, std::uint64_t t);

  const ModuleMap& now() const { return map_; }

 private:
  const ProcessId process_;
  const SessionMapping& session_;
  TraceWriter& writer_;
  ModuleMap map_;
  std::vector<ModuleLoadRow> rows_;
};

}  // namespace memoir
