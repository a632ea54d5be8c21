#pragma once

// A call stack of the trace, frame by frame as people read it.
//
// Thread safety: as its Database. Errors: throws Error (kTrace).

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "trace/database.h"
#include "trace/ids.h"
#include "trace/stack_run.h"

namespace memoir {

struct StackFrame {
  std::string function;       // module+0xoffset when it has no name
  std::string file;           // "" when unknown
  std::int64_t line = 0;      // 0 when unknown
  std::string module;         // path, "" when unknown
  std::uint64_t address = 0;  // return address, relative to the module
  bool inlined = false;       // into the next frame
  bool skipped = false;  // the allocator's or Memoir's: stacks are not attributed to it
};

// Names an address of a module that has no names in the trace yet. Innermost first; may
// be empty, or the frames may lack their address and module.
using FrameNamer = std::function<std::vector<StackFrame>(
    std::string_view module_path, std::string_view build_id, std::uint64_t address)>;

class StackExpander {
 public:
  // `name`: for traces that are still being written.
  explicit StackExpander(Database& database, FrameNamer name = {});

  // Innermost first; empty for no stack.
  std::vector<StackFrame> expand(TraceStackId stack);

 private:
  void add_frame(std::int64_t frame, std::vector<StackFrame>& frames);

  StackTree tree_;
  Statement lines_;
  FrameNamer name_;
};

}  // namespace memoir
