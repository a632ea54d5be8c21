#include "analyze/stacks.h"

#include <cstdio>
#include <utility>

namespace memoir {
namespace {

std::string nameless(std::string_view module_name, std::uint64_t address) {
  char offset[32];
  std::snprintf(offset, sizeof offset, "0x%llx",
                static_cast<unsigned long long>(address));
  return module_name.empty() ? offset : std::string(module_name) + "+" + offset;
}

}  // namespace

StackExpander::StackExpander(Database& database, FrameNamer name)
    : tree_(database),
      lines_(database.prepare(
          "SELECT (SELECT s FROM string WHERE id = l.function),"
          " (SELECT s FROM string WHERE id = l.file), l.line, m.path, m.name, f.address,"
          " l.inlined, l.skip, m.build_id FROM frame f LEFT JOIN module m ON m.id = "
          "f.module"
          " LEFT JOIN frame_line l ON l.frame = f.id WHERE f.id = ? ORDER BY l.depth")),
      name_(std::move(name)) {}

std::vector<StackFrame> StackExpander::expand(TraceStackId stack) {
  std::vector<StackFrame> frames;
  for (auto step = tree_.find(stack.value); step; step = tree_.find(step->parent)) {
    add_frame(step->frame, frames);
  }
  return frames;
}

void StackExpander::add_frame(std::int64_t frame, std::vector<StackFrame>& frames) {
  lines_.reset();
  lines_.bind(0, frame);
  while (lines_.step()) {
    if (name_ && lines_.is_null(0) && !lines_.is_null(3)) {
      const std::vector<StackFrame> named =
          name_(lines_.text(3), lines_.text(8), lines_.natural(5));
      for (const StackFrame& frame : named) {
        StackFrame& line = frames.emplace_back(frame);
        line.address = lines_.natural(5);
        line.module = lines_.text(3);
      }
      if (!named.empty()) continue;
    }
    StackFrame& line = frames.emplace_back();
    line.address = lines_.natural(5);
    line.function = lines_.is_null(0) ? nameless(lines_.text(4), line.address)
                                      : std::string(lines_.text(0));
    line.file = lines_.text(1);
    line.line = lines_.integer(2);
    line.module = lines_.text(3);
    line.inlined = lines_.integer(6) != 0;
    line.skipped = lines_.integer(7) != 0;
  }
}

}  // namespace memoir
