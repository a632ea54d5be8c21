#pragma once

// The call stacks of two recordings as one set of stacks, so that what is the same in
// both has one number: frames are equal when their functions and modules have the same
// names, wherever they lie. An address without a name is kept where both recordings have
// the same build of its module; otherwise there is only "libfoo.so (no symbols)", several
// of which in a row are one.
//
// Thread safety: none while stacks are added.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyze/stack_store.h"
#include "trace/flat_map.h"

namespace memoir {

class MergedStacks {
 public:
  // All stacks that will be added are of these two. Files and lines are those of `one`,
  // which must have its stacks added first.
  MergedStacks(const StackStore& one, const StackStore& other);

  enum class Side { kOne, kOther };
  // The number of a stack in both, none for none.
  TraceStackId add(Side side, TraceStackId stack);

  Stacks store() const { return merged_; }

 private:
  struct Source {
    const StackStore* stacks = nullptr;
    std::vector<std::uint32_t> added;  // by stack: number in the merged ones, or kUnknown
    std::vector<FrameId> frames;       // by frame, or none
    std::vector<ModuleId> modules;     // by module
    std::vector<bool> same_build;      // by module
  };

  void match_modules(Source& source, const Source& other);
  FrameId merge_frame(Source& source, FrameId frame);
  void keep_common_lines(FrameId merged, std::span<const FrameLine> lines);
  FrameLine merge_line(const Source& source, const FrameLine& line);
  TraceStackId step(TraceStackId parent, FrameId frame, FrameId place);

  std::shared_ptr<StackStore> merged_ = std::make_shared<StackStore>();
  Source sources_[2];
  std::unordered_map<std::string, FrameId> frames_;  // by what they say
  std::vector<const Source*> makers_;                // by merged frame: who had it first
  std::vector<bool> nameless_;                       // by merged frame
  FlatMap children_;                                 // parent and frame to stack
  std::vector<TraceStackId> way_;  // of add(), kept so that it is not made anew
};

}  // namespace memoir
