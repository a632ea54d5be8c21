#pragma once

// Interned call stacks: an append-only forest of (caller's stack, return address) nodes
// in memory that the collector reads. The number of a node names the whole stack.
//
// Invariants:
//  (1) A node is complete before any bucket or child names it, and never changes.
//  (2) A parent's number is smaller than its children's.
//  (3) Two nodes never have the same parent, address and tenant.
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
  std::atomic<std::uint32_t>& bucket(StackNodeId parent, std::uint64_t pc) const;
  StackNodeId find_in_chain(StackNodeId from, StackNodeId until, StackNodeId parent,
                            std::uint64_t pc) const;

  StackNode* nodes_ = nullptr;
  std::atomic<std::uint32_t>* buckets_ = nullptr;
  std::atomic<std::uint32_t>* node_count_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t bucket_mask_ = 0;
};

}  // namespace memoir
