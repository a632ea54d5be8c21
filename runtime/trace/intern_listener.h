#pragma once

// Hears of what a TraceWriter interns, when it is new.
//
// Called by the writer's thread, which must not be held up. May throw nothing.

#include <cstdint>
#include <string_view>

#include "trace/ids.h"

namespace memoir {

class InternListener {
 public:
  virtual ~InternListener() = default;

  virtual void new_module(ModuleId id, std::string_view path,
                          std::string_view build_id) noexcept = 0;
  // `module` is not none. Its own new_module() came before.
  virtual void new_frame(FrameId id, ModuleId module, std::uint64_t address) noexcept = 0;
  // Now and then: what was heard may be passed on.
  virtual void pause() noexcept = 0;
};

}  // namespace memoir
