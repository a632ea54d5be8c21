#include "launcher/frame_names.h"

namespace memoir {

const std::vector<StackFrame>& FrameNames::find(std::string_view module_path,
                                                std::string_view build_id,
                                                std::uint64_t address) {
  Module& module = modules_[{std::string(module_path), std::string(build_id)}];
  const auto [known, is_new] = module.frames.try_emplace(address);
  if (!is_new) return known->second;
  if (module.symbolizer == nullptr) {
    module.symbolizer = std::make_unique<Symbolizer>(module_path, build_id);
  }
  for (const LogicalFrame& frame : module.symbolizer->lookup(address)) {
    known->second.push_back({.function = frame.function,
                             .file = frame.file,
                             .line = frame.line,
                             .module = std::string(module_path),
                             .address = address,
                             .inlined = frame.inlined,
                             .skipped = frame.role != FrameRole::kProgram});
  }
  return known->second;
}

}  // namespace memoir
