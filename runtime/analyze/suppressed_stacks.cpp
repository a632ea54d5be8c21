#include "analyze/suppressed_stacks.h"

#include <algorithm>
#include <string>

namespace memoir {

SuppressedStacks::SuppressedStacks(const StackStore& stacks, const Suppressions& rules,
                                   std::string_view kind) {
  if (!rules.concern(kind)) return;
  const FrameTable& table = stacks.frames();
  std::vector<std::uint32_t> frames(table.frames(), kNone);
  for (std::uint32_t i = 0; i < frames.size(); ++i) {
    std::vector<StackFrame> lines;
    for (const FrameLine& line : table.lines({i})) {
      StackFrame& frame = lines.emplace_back();
      frame.function = stacks.text(line.function);
      frame.file = stacks.text(line.file);
      frame.line = line.line;
      frame.module = stacks.text(table.module(line.module).path);
    }
    const Suppression* rule = rules.match(kind, {lines});
    if (rule != nullptr)
      frames[i] = static_cast<std::uint32_t>(rule - rules.rules().data());
  }
  rules_.resize(stacks.size(), kNone);
  for (std::uint32_t i = 1; i < rules_.size(); ++i) {  // callers come first
    const FrameId frame = stacks.frame({i});
    const std::uint32_t own = frame.value < frames.size() ? frames[frame.value] : kNone;
    const TraceStackId caller = stacks.parent({i});
    rules_[i] = std::min(own, caller.value < i ? rules_[caller.value] : kNone);
  }
}

}  // namespace memoir
