#include "unwind/stack_depot.h"

namespace memoir {

StackDepot::StackDepot(StackNode* nodes, std::uint32_t capacity,
                       std::atomic<std::uint32_t>* buckets, std::uint32_t bucket_count,
                       std::atomic<std::uint32_t>* node_count)
    : nodes_(nodes),
      buckets_(buckets),
      node_count_(node_count),
      capacity_(capacity),
      bucket_mask_(bucket_count - 1) {
  std::uint32_t expected = 0;
  node_count_->compare_exchange_strong(expected, kFirstStackNode);
}

std::atomic<std::uint32_t>& StackDepot::bucket(StackNodeId parent,
                                               std::uint64_t pc) const {
  std::uint64_t hash = (pc ^ (std::uint64_t{parent} << 32 | parent)) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 32;
  return buckets_[hash & bucket_mask_];
}

StackNodeId StackDepot::find_in_chain(StackNodeId from, StackNodeId until,
                                      StackNodeId parent, std::uint64_t pc) const {
  for (StackNodeId id = from; id != until; id = nodes_[id].next) {
    if (nodes_[id].pc_and_tenant == pc && nodes_[id].parent == parent) return id;
  }
  return kNoStack;
}

StackNodeId StackDepot::find(StackNodeId parent, std::uint64_t pc_and_tenant) const {
  const StackNodeId first = bucket(parent, pc_and_tenant).load(std::memory_order_acquire);
  return find_in_chain(first, kNoStack, parent, pc_and_tenant);
}

StackNodeId StackDepot::intern(StackNodeId parent, std::uint64_t pc_and_tenant) {
  std::atomic<std::uint32_t>& chain = bucket(parent, pc_and_tenant);
  StackNodeId first = chain.load(std::memory_order_acquire);
  StackNodeId searched_until = kNoStack;
  if (const StackNodeId known = find_in_chain(first, kNoStack, parent, pc_and_tenant)) {
    return known;
  }
  // Counted only while there is room, so that the count never runs over.
  std::uint32_t id = node_count_->load(std::memory_order_relaxed);
  do {
    if (id >= capacity_) return parent;
  } while (!node_count_->compare_exchange_weak(id, id + 1, std::memory_order_relaxed));
  StackNode& node = nodes_[id];
  node.pc_and_tenant = pc_and_tenant;
  node.parent = parent;
  searched_until = first;
  do {
    // Another thread may have pushed the same node meanwhile; ours is then left unused.
    if (const StackNodeId theirs =
            find_in_chain(first, searched_until, parent, pc_and_tenant)) {
      return theirs;
    }
    searched_until = first;
    node.next = first;
  } while (!chain.compare_exchange_weak(first, id, std::memory_order_acq_rel,
                                        std::memory_order_acquire));
  return id;
}

}  // namespace memoir
