#pragma once

// Names addresses at once, while a program is recorded: for what is printed as it
// happens.
//
// Thread safety: one thread. Errors: none.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyze/stacks.h"
#include "symbolize/symbolizer.h"

namespace memoir {

class FrameNames {
 public:
  // Innermost first, as a FrameNamer.
  const std::vector<StackFrame>& find(std::string_view module_path,
                                      std::string_view build_id, std::uint64_t address);

 private:
  struct Module {
    std::unique_ptr<Symbolizer> symbolizer;
    std::map<std::uint64_t, std::vector<StackFrame>> frames;  // by address
  };

  std::map<std::pair<std::string, std::string>, Module> modules_;
};

}  // namespace memoir
