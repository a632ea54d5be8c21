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

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "trace/flat_map.h"
#include "trace/ids.h"

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
  std::uint32_t last() const { return next_ - 1; }
  // Of a stack up to last().
  StackStep step(std::uint32_t stack) const {
    const Node& node = at(stack);
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
  static constexpr std::size_t kPageNodes = 16384;
  using Page = std::array<Node, kPageNodes>;

  const Node& at(std::uint32_t stack) const {
    return (*pages_[stack / kPageNodes])[stack % kPageNodes];
  }
  Node& at(std::uint32_t stack) {
    return (*pages_[stack / kPageNodes])[stack % kPageNodes];
  }
  std::uint32_t append(std::uint32_t parent, std::uint32_t frame, std::uint32_t maker);
  // Moves the children to wide_.
  void widen(std::uint32_t parent);

  std::vector<std::unique_ptr<Page>> pages_;
  FlatMap wide_;  // caller and frame to stack
  std::uint32_t next_ = 1;
};

}  // namespace memoir
