#pragma once

// What is selected, in full: the call stack, innermost first, and the source of its
// frame.
//
// Thread safety: the thread that draws.

#include <cstddef>
#include <vector>

#include "analyze/stacks.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/widgets/source_view.h"

namespace memoir {

class DetailsPane {
 public:
  void draw(PanelContext& context);
  bool is_waiting() const { return stack_.is_running() || source_.is_waiting(); }
  void forget();

 private:
  Answer<std::vector<StackFrame>> stack_;
  SourceView source_;
  float frames_height_ = 0;
  bool shows_all_ = false;  // the allocator's frames too
};

}  // namespace memoir
