#pragma once

// The call stacks of a program merged into one tree, with what they cost.
//
//   top-down            bottom-up
//   main 100            push_back 70
//     parse 80            parse 50 ── main 50
//       push_back 50      render 20 ── main 20
//       new_node 30     new_node 30
//     render 20           parse 30 ── main 30
//       push_back 20
//
// Invariants:
//  (1) Node 0 is the root; its inclusive cost is the sum of all costs that were given.
//  (2) A node's inclusive cost is its exclusive one and those of its children.
//  (3) Children have larger numbers than their parent, are neighbours, and stand in the
//      order of their weight, the heaviest first, with "(other)" as the last.
//
// Of a bottom-up tree a node's inclusive cost is what its function spent itself, called
// by way of the nodes above it; exclusive is what has no further caller.
//
// Thread safety: immutable. A million stacks take well under a second; without a
// threshold a bottom-up tree may have as many nodes as all stacks have frames.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/stack_cost.h"
#include "analyze/stack_store.h"

namespace memoir {

enum class TreeDirection { kTopDown, kBottomUp };

struct CallTreeOptions {
  TreeDirection direction = TreeDirection::kTopDown;
  bool by_line = false;             // tell the lines of one function apart
  bool hide_allocator = true;       // frames that stacks are not attributed to
  bool hide_system = false;         // frames of modules that came with the system
  bool collapse_recursion = false;  // direct one: f called by f is that f
  double min_share = 0;  // of the root's weight; lighter nodes become "(other)"
};

struct CallNode {
  enum class Kind : std::uint8_t {
    kFunction,
    kRoot,
    kOther,        // the siblings below the threshold, and all below them
    kNoCallStack,  // what the trace has no stack of
  };

  NameId function;
  NameId file;             // the first one met
  std::uint32_t line = 0;  // where lines are told apart
  ModuleId module;
  FrameClass frame_class = FrameClass::kProgram;
  Kind kind = Kind::kFunction;
  std::uint32_t parent = 0;
  std::uint32_t first_child = 0, children = 0;
  std::uint32_t depth = 0;  // of the root: 0
  Cost inclusive, exclusive;
};

class CallTree {
 public:
  CallTree(Stacks stacks, std::span<const StackCost> costs,
           const CallTreeOptions& options = {});

  const CallTreeOptions& options() const { return options_; }
  const StackStore& stacks() const { return *stacks_; }
  const Stacks& shared_stacks() const { return stacks_; }

  const std::vector<CallNode>& nodes() const { return nodes_; }
  const CallNode& node(std::uint32_t index) const { return nodes_[index]; }
  const CallNode& root() const { return nodes_.front(); }
  std::uint32_t depth() const { return depth_; }  // of the deepest node

  // The function, "(all)", "(other)" or "(no call stack)".
  std::string_view name(std::uint32_t index) const;
  std::string_view file(std::uint32_t index) const;
  std::string_view module(std::uint32_t index) const;  // its path
  // From the root's child to the node.
  std::vector<std::uint32_t> path(std::uint32_t index) const;

 private:
  Stacks stacks_;
  CallTreeOptions options_;
  std::vector<CallNode> nodes_;
  std::uint32_t depth_ = 0;
};

}  // namespace memoir
