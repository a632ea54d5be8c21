#pragma once

// All call stacks of a trace in memory, loaded once: a tree of frames, and where each
// stack is attributed. 12 bytes a stack, so that a million of them are 12 MB.
//
// A stack's parent, its caller, has a smaller number, whatever the trace says: to go
// through the numbers in order meets callers before those they called.
//
// Thread safety: filled by one thread; afterwards any number may read. Errors: loading
// throws Error (kTrace).

#include <cstdint>
#include <memory>
#include <vector>

#include "analyze/frame_table.h"
#include "analyze/stacks.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

class StackStore {
 public:
  StackStore() : steps_(1), places_(1) {}
  // All stacks of a trace, as they are now. `name`: for traces that are still written.
  explicit StackStore(Database& database, const FrameNamer& name = {});

  FrameTable& frames() { return frames_; }
  // A number larger than any before. `place`: the frame it is attributed to, or none.
  TraceStackId add(TraceStackId parent, FrameId frame, FrameId place);
  void set_place(TraceStackId stack, FrameId place);

  const FrameTable& frames() const { return frames_; }
  std::string_view text(NameId name) const { return frames_.text(name); }

  // Stacks are the numbers from 1 below this one.
  std::size_t size() const { return steps_.size(); }
  bool has(TraceStackId stack) const {
    return stack && stack.value < steps_.size() && steps_[stack.value].frame;
  }
  // None of what has no caller, and of what is no stack.
  TraceStackId parent(TraceStackId stack) const {
    return stack.value < steps_.size() ? steps_[stack.value].parent : TraceStackId{};
  }
  FrameId frame(TraceStackId stack) const {
    return stack.value < steps_.size() ? steps_[stack.value].frame : FrameId{};
  }

  // Where reports say that the stack is: as the view `stack_place` has it. Null where the
  // trace attributes it nowhere.
  const FrameLine* place(TraceStackId stack) const {
    return stack.value < places_.size() ? frames_.place(places_[stack.value]) : nullptr;
  }
  FrameId place_frame(TraceStackId stack) const {
    return stack.value < places_.size() ? places_[stack.value] : FrameId{};
  }

  // Innermost first, inlined ones too.
  std::vector<StackFrame> expand(TraceStackId stack) const;

 private:
  struct Step {
    TraceStackId parent;
    FrameId frame;
  };

  void put(std::uint32_t stack, TraceStackId parent, FrameId frame);

  FrameTable frames_;
  std::vector<Step> steps_;      // by number; [0] is no stack
  std::vector<FrameId> places_;  // by number; perhaps shorter
};

// What is shared once it is filled.
using Stacks = std::shared_ptr<const StackStore>;

// Where a stack has no place: what reports call it.
inline constexpr const char* kNoCallStack = "(no call stack)";

}  // namespace memoir
