#include "analyze/call_tree.h"

#include <algorithm>
#include <utility>

#include "analyze/tree_growth.h"
#include "analyze/tree_keys.h"

namespace memoir {
namespace {

std::int64_t share_of(std::int64_t whole, double share) {
  if (!(share > 0)) return 0;
  return share >= 1 ? whole
                    : static_cast<std::int64_t>(share * static_cast<double>(whole));
}

}  // namespace

CallTree::CallTree(Stacks stacks, std::span<const StackCost> costs,
                   const CallTreeOptions& options)
    : stacks_(std::move(stacks)), options_(options) {
  const TreeKeys keys(stacks_->frames(), options_);
  TreeGrowth growth = grow_top_down(*stacks_, costs, keys, options_.collapse_recursion);
  const std::int64_t threshold =
      share_of(growth.nodes().front().inclusive.weight, options_.min_share);
  if (options_.direction == TreeDirection::kBottomUp) {
    growth = grow_bottom_up(growth, threshold);
  }
  nodes_ = growth.finish(keys, threshold);
  for (const CallNode& node : nodes_) depth_ = std::max(depth_, node.depth);
}

std::string_view CallTree::name(std::uint32_t index) const {
  const CallNode& node = nodes_[index];
  switch (node.kind) {
    case CallNode::Kind::kFunction:
      return stacks_->text(node.function);
    case CallNode::Kind::kRoot:
      return "(all)";
    case CallNode::Kind::kOther:
      return "(other)";
    case CallNode::Kind::kNoCallStack:
      return kNoCallStack;
  }
  return {};
}

std::string_view CallTree::file(std::uint32_t index) const {
  return stacks_->text(nodes_[index].file);
}

std::string_view CallTree::module(std::uint32_t index) const {
  return stacks_->text(stacks_->frames().module(nodes_[index].module).path);
}

std::vector<std::uint32_t> CallTree::path(std::uint32_t index) const {
  std::vector<std::uint32_t> nodes;
  for (; index != 0; index = nodes_[index].parent) nodes.push_back(index);
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

}  // namespace memoir
