#pragma once

// Interned call stacks: an append-only forest of (caller's stack, return address) nodes
// in memory that the collector reads. The number of a node names the whole stack.
//
// A node hangs in one of two chains: the near one, whose bucket lies close behind the
// number of its parent, so that what is made together lies together; or, if that is long
// when the node is made, a far one anywhere in the table.
//
// Invariants:
//  (1) A node is complete before any bucket or child names it, and never changes.
//  (2) A parent's number is smaller than its children's.
//  (3) Two nodes never have the same parent, address and tenant.
//  (4) Chains only grow: who finds a near chain long has seen all that hang in it.
//
// Thread safety: all functions from any thread, without locks; async-signal safe.

#include <atomic>
#include <cstdint>

#include "base/stack_node.h"

namespace memoir {

class StackDepot {
 public:
  StackDepot() = default;
  // Over memory that begins all zero. `bucket_count` is a power of two.
  StackDepot(StackNode* nodes, std::uint32_t capacity,
             std::atomic<std::uint32_t>* buckets, std::uint32_t bucket_count,
             std::atomic<std::uint32_t>* node_count);

  // The node, or kNoStack when it has not been interned.
  StackNodeId find(StackNodeId parent, std::uint64_t pc_and_tenant) const;

  // The node, made when it is new. When the depot is full: `parent`, the part of the
  // stack that is known.
  StackNodeId intern(StackNodeId parent, std::uint64_t pc_and_tenant);

 private:
  using Bucket = std::atomic<std::uint32_t>;

  Bucket& near_bucket(StackNodeId parent, std::uint64_t pc) const;
  Bucket& far_bucket(StackNodeId parent, std::uint64_t pc) const;
  // Looks in a chain from one node up to another, and counts the nodes.
  StackNodeId find_in_chain(StackNodeId from, StackNodeId until, StackNodeId parent,
                            std::uint64_t pc, std::uint32_t& length) const;
  StackNodeId make_node(StackNodeId parent, std::uint64_t pc);
  // The node in this chain, put there when it is new. Gives up, and returns kNoStack,
  // when the chain is or becomes `too_long`.
  StackNodeId intern_in(Bucket& chain, std::uint32_t too_long, StackNodeId parent,
                        std::uint64_t pc, StackNodeId& made);

  StackNode* nodes_ = nullptr;
  std::atomic<std::uint32_t>* buckets_ = nullptr;
  std::atomic<std::uint32_t>* node_count_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t bucket_mask_ = 0;
};

}  // namespace memoir
