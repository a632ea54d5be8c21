#pragma once

// The call tree that the tree and the flame graph draw: which cost, which way round,
// which frames, of what the view lets through. And the line of controls that chooses
// that.
//
// Thread safety: the thread that draws.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyze/call_tree.h"
#include "viewer/answer.h"
#include "viewer/panel.h"
#include "viewer/panels/tree_cost.h"

namespace memoir {

class TreeSource {
 public:
  // `name` begins the marks.
  explicit TreeSource(const char* name) : name_(name) {}

  // The line of controls. `has_direction`: whether top-down and bottom-up can be chosen.
  void draw_controls(PanelContext& context);
  // Null while there is nothing to draw; then it has said why.
  const CallTree* tree(PanelContext& context);
  std::shared_ptr<const CallTree> share() const { return tree_.share(); }
  std::uint64_t version() const { return tree_.version(); }

  TreeCost cost() const { return cost_; }
  const CallTreeOptions& options() const { return options_; }
  void turn_round();

  bool is_waiting() const { return tree_.is_running() || other_.is_running(); }
  void forget() {
    tree_.forget();
    other_.forget();
  }

 private:
  void choose_cost(const App& app);
  bool add_other_trace(TraceSession& other, TreeQuestion& question,
                       std::optional<ProcessId> process, std::string& key);

  const char* name_;
  TreeCost cost_ = TreeCost::kAllocated;
  bool cost_is_chosen_ = false;  // by a person
  CallTreeOptions options_;
  Answer<std::vector<StackCost>> other_;
  Answer<CallTree> tree_;
};

}  // namespace memoir
