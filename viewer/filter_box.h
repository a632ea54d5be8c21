#pragma once

// The line that says which part of the trace is meant. What is wrong with it is said below,
// under the place; Tab takes a proposal, the arrows choose one. And the chips of the
// status bar, which take parts of it back.
//
// Thread safety: the thread that draws.

#include <imgui.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "analyze/filter.h"
#include "analyze/filter_completion.h"
#include "analyze/filter_names.h"
#include "viewer/answer.h"

namespace memoir {

class App;

class FilterBox {
 public:
  void draw(App& app);
  bool is_waiting() const { return names_.is_running() || completion_.is_running(); }
  void forget();

 private:
  static int on_key(ImGuiInputTextCallbackData* data);
  void ask(App& app);
  void draw_error(const FilterError& error, float text_left) const;
  void draw_proposals(ImVec2 below, float width);
  // Puts the chosen proposal into the text.
  void take(ImGuiInputTextCallbackData* data, std::size_t proposal);

  std::string text_;
  std::size_t cursor_ = 0;
  std::size_t selected_ = 0;               // of the proposals
  std::optional<std::size_t> clicked_;     // a proposal, with the mouse
  bool is_active_ = false, takes_focus_ = false;
  Answer<std::shared_ptr<const FilterNames>> names_;
  Answer<FilterCompletion> completion_;
};

// Range, process and filter that are in force, each with a cross.
void draw_chips(App& app);

}  // namespace memoir
