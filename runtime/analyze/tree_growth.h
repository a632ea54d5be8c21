#pragma once

// A call tree while it is made: nodes in the order in which they were met, each child
// after its parent, and with keys instead of names.
//
// Thread safety: none.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "analyze/call_tree.h"
#include "analyze/tree_keys.h"
#include "trace/flat_map.h"

namespace memoir {

class TreeGrowth {
 public:
  static constexpr std::uint32_t kRootKey = 0;
  static constexpr std::uint32_t kOtherKey = ~std::uint32_t{0};
  static constexpr std::uint32_t kNoStackKey = kOtherKey - 1;

  struct Node {
    std::uint32_t parent, key;
    Cost inclusive, exclusive;
  };

  TreeGrowth() : nodes_{{0, kRootKey, {}, {}}}, children_(std::make_unique<FlatMap>()) {}

  std::vector<Node>& nodes() { return nodes_; }
  const std::vector<Node>& nodes() const { return nodes_; }

  // The child of that key, made where there is none.
  std::uint32_t child(std::uint32_t parent, std::uint32_t key);
  // A new child, whoever else there is.
  std::uint32_t append(std::uint32_t parent, std::uint32_t key);

  // Exclusive costs are there: the inclusive ones from them.
  void sum_up();

  // The nodes of a CallTree. Children lighter than `threshold` become "(other)".
  std::vector<CallNode> finish(const TreeKeys& keys, std::int64_t threshold) const;

 private:
  std::vector<Node> nodes_;
  std::unique_ptr<FlatMap> children_;  // parent and key to node
};

// All costs by stack, from the outermost function inwards.
TreeGrowth grow_top_down(const StackStore& stacks, std::span<const StackCost> costs,
                         const TreeKeys& keys, bool collapse_recursion);
// The same from the innermost function outwards. What is lighter than `threshold` is put
// into "(other)" at once.
TreeGrowth grow_bottom_up(const TreeGrowth& top_down, std::int64_t threshold);

}  // namespace memoir
