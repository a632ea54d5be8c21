#pragma once

// Who is asked and told about memory errors while they are recorded.
//
// Called by the recording thread, which waits. May read the trace that is being written.

#include <cstdint>
#include <optional>
#include <string>

#include "trace/fault_table.h"

namespace memoir {

// Who did it, in words.
struct FaultScene {
  std::int64_t pid = 0;
  std::string command = {};
  std::string thread = {}, alloc_thread = {}, free_thread = {};  // names
};

class FaultSink {
 public:
  virtual ~FaultSink() = default;

  // The rule that says it shall be silenced.
  virtual std::optional<std::string> silenced_by(const FaultRow& fault) = 0;
  // One that was not seen before, and is not silenced.
  virtual void show(const FaultRow& fault, const FaultScene& scene) = 0;
};

}  // namespace memoir
