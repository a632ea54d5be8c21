#pragma once

// The call tree as a table: top-down from main, or bottom-up from who allocates; and who
// called the selected function, and whom it called.

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "analyze/function_costs.h"
#include "viewer/panel.h"
#include "viewer/panels/tree_source.h"
#include "viewer/widgets/table.h"

namespace memoir {

class TreePanel : public Panel {
 public:
  void draw(PanelContext& context) override;
  bool is_waiting() const override { return source_.is_waiting(); }
  void forget() override;

 private:
  void open_heaviest(const CallTree& tree);
  void list_rows(const CallTree& tree);
  void draw_table(const CallTree& tree, PanelContext& context);
  void draw_cell(const CallTree& tree, std::uint32_t node, std::size_t column);
  void draw_inclusive(const CallNode& node, double share) const;
  void draw_neighbours(const CallTree& tree, PanelContext& context);
  void draw_functions(const char* name, const CallTree& tree,
                      const std::vector<FunctionCost>& functions, PanelContext& context);
  void toggle(std::uint32_t node);

  TreeSource source_{"tree"};
  std::uint64_t tree_version_ = 0;
  std::unordered_set<std::uint32_t> open_;  // nodes whose children are seen
  std::vector<std::uint32_t> rows_;         // nodes, from above
  bool rows_are_stale_ = true;
  std::uint32_t selected_ = 0;  // a node
  bool shows_neighbours_ = false;
  std::uint32_t neighbours_of_ = ~std::uint32_t{0};
  CallersAndCallees neighbours_;
  Table table_{1, true};
  Table caller_table_{1, true}, callee_table_{1, true};
};

}  // namespace memoir
