#pragma once

// Call stacks without a trace: made of names, for tests of what is computed from them.

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analyze/stack_store.h"

namespace memoir {

class MadeStacks {
 public:
  explicit MadeStacks(const std::string& module = "/opt/app/app",
                      const std::string& build_id = "abc")
      : module_(store_->frames().add_module(module, build_id)) {}

  struct Line {
    Line(const char* function) : function(function) {}  // NOLINT: so that lists are short
    Line(std::string function, std::string file, std::uint32_t line = 0,
         FrameClass frame_class = FrameClass::kProgram)
        : function(std::move(function)),
          file(std::move(file)),
          line(line),
          frame_class(frame_class) {}

    std::string function, file;
    std::uint32_t line = 0;
    FrameClass frame_class = FrameClass::kProgram;
  };

  ModuleId module(const std::string& path, const std::string& build_id = "") {
    return module_ = store_->frames().add_module(path, build_id);
  }

  // Outermost first; attributed to the innermost line of the program. Equal stacks are
  // the same one.
  TraceStackId stack(const std::vector<Line>& lines) {
    TraceStackId stack;
    FrameId place;
    for (const Line& line : lines) {
      const FrameId frame = this->frame({line});
      if (line.frame_class == FrameClass::kProgram) place = frame;
      const auto [known, is_new] = stacks_.try_emplace(std::pair(stack, frame));
      if (is_new) known->second = store_->add(stack, frame, place);
      stack = known->second;
    }
    return stack;
  }

  // A frame of several lines, innermost first, all but the last inlined.
  FrameId frame(const std::vector<Line>& lines) {
    std::string key;
    for (const Line& line : lines) {
      key += line.function + '\n' + line.file + '\n' + std::to_string(line.line) + '\n';
    }
    const auto [known, is_new] = frames_.try_emplace(std::pair(module_, key));
    if (!is_new) return known->second;
    FrameTable& frames = store_->frames();
    std::vector<FrameLine> made;
    for (const Line& line : lines) {
      made.push_back({frames.names().intern(line.function),
                      frames.names().intern(line.file), line.line, module_,
                      line.frame_class, &line != &lines.back(), true});
    }
    known->second = frames.next_frame();
    frames.add_frame(known->second, module_, 16 * frames.frames(), made);
    return known->second;
  }

  TraceStackId add(TraceStackId parent, FrameId frame) {
    return store_->add(parent, frame, frame);
  }

  Stacks store() const { return store_; }

 private:
  std::shared_ptr<StackStore> store_ = std::make_shared<StackStore>();
  ModuleId module_;
  std::map<std::pair<ModuleId, std::string>, FrameId> frames_;
  std::map<std::pair<TraceStackId, FrameId>, TraceStackId> stacks_;
};

}  // namespace memoir
