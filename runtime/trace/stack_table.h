#pragma once

// The stacks of a trace by number: a tree of (caller's stack, frame), in memory. Which
// stack a caller and a frame make is looked up among the caller's children:
//
//   * not at all, where whoever asks has made the caller, nobody else has asked below it,
//     and it never asks for the same twice;
//   * one after the other while they are few;
//   * in a hash table when there are many.
//
// A program that is recorded makes a million stacks that nobody else has: for most of
// them nothing is searched, and nothing is written but the node itself.
//
// Thread safety: none.

#include <cstdint>

#include "trace/flat_map.h"
#include "trace/ids.h"
#include "trace/paged_array.h"

namespace memoir {

struct StackStep {
  std::uint32_t parent = 0;  // 0: none
  std::uint32_t frame = 0;
};

class StackTable {
 public:
  StackTable();

  // `maker` promises that it asks once for each caller and frame; none promises nothing.
  Interned<TraceStackId> intern(TraceStackId parent, FrameId frame, ProcessId maker);

  // The number of the newest stack. They count from 1 without gaps.
  std::uint32_t last() const { return next() - 1; }
  // Of a stack up to last().
  StackStep step(std::uint32_t stack) const {
    const Node& node = nodes_[stack];
    return {node.parent, node.frame};
  }

 private:
  struct Node {
    std::uint32_t parent, frame;
    std::uint32_t maker;         // who alone asks below it; 0: anybody
    std::uint32_t newest_child;  // kWide: they are in wide_ alone
    std::uint32_t older;         // the sibling before it
  };
  static constexpr std::uint32_t kWide = ~std::uint32_t{0};
  std::uint32_t next() const { return static_cast<std::uint32_t>(nodes_.size()); }
  std::uint32_t append(std::uint32_t parent, std::uint32_t frame, std::uint32_t maker);
  // Moves the children to wide_.
  void widen(std::uint32_t parent);

  PagedArray<Node> nodes_;  // by number; [0] is no stack
  FlatMap wide_;            // caller and frame to stack
};

}  // namespace memoir
