#include "unwind/stack_depot.h"

namespace memoir {
namespace {

constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15;
// Near buckets of a node: a page of them. A node that many are called from fills them
// evenly.
constexpr unsigned kNearBits = 8;
constexpr std::uint32_t kLongChain = 16;
constexpr std::uint32_t kLongestChain = 1u << 16;

}  // namespace

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

StackDepot::Bucket& StackDepot::near_bucket(StackNodeId parent, std::uint64_t pc) const {
  return buckets_[(parent + (pc * kMix >> (64 - kNearBits))) & bucket_mask_];
}

StackDepot::Bucket& StackDepot::far_bucket(StackNodeId parent, std::uint64_t pc) const {
  std::uint64_t hash = (pc ^ (std::uint64_t{parent} << 32 | parent)) * kMix;
  hash ^= hash >> 32;
  return buckets_[hash & bucket_mask_];
}

StackNodeId StackDepot::find_in_chain(StackNodeId from, StackNodeId until,
                                      StackNodeId parent, std::uint64_t pc,
                                      std::uint32_t& length) const {
  // The program may have written over its nodes: a chain never leads out of them, nor
  // round for ever.
  const std::uint32_t most = length + kLongestChain;
  for (StackNodeId id = from; id != until && id < capacity_; id = nodes_[id].next) {
    if (nodes_[id].pc_and_tenant == pc && nodes_[id].parent == parent) return id;
    if (++length == most) break;
  }
  return kNoStack;
}

StackNodeId StackDepot::find(StackNodeId parent, std::uint64_t pc_and_tenant) const {
  const auto look_in = [&](const Bucket& chain, std::uint32_t& length) {
    return find_in_chain(chain.load(std::memory_order_acquire), kNoStack, parent,
                         pc_and_tenant, length);
  };
  std::uint32_t length = 0;
  if (const auto known = look_in(near_bucket(parent, pc_and_tenant), length))
    return known;
  if (length < kLongChain) return kNoStack;
  return look_in(far_bucket(parent, pc_and_tenant), length);
}

StackNodeId StackDepot::make_node(StackNodeId parent, std::uint64_t pc) {
  // Counted only while there is room, so that the count never runs over.
  std::uint32_t id = node_count_->load(std::memory_order_relaxed);
  do {
    if (id >= capacity_) return kNoStack;
  } while (!node_count_->compare_exchange_weak(id, id + 1, std::memory_order_relaxed));
  nodes_[id].pc_and_tenant = pc;
  nodes_[id].parent = parent;
  return id;
}

StackNodeId StackDepot::intern_in(Bucket& chain, std::uint32_t too_long,
                                  StackNodeId parent, std::uint64_t pc,
                                  StackNodeId& made) {
  StackNodeId first = chain.load(std::memory_order_acquire);
  StackNodeId searched_until = kNoStack;
  std::uint32_t length = 0;
  do {
    // Another thread may push the same node meanwhile; ours is then left unused.
    if (const auto known = find_in_chain(first, searched_until, parent, pc, length)) {
      return known;
    }
    if (length >= too_long) return kNoStack;
    if (made == kNoStack) made = make_node(parent, pc);
    if (made == kNoStack) return parent;
    searched_until = first;
    nodes_[made].next = first;
  } while (!chain.compare_exchange_weak(first, made, std::memory_order_acq_rel,
                                        std::memory_order_acquire));
  return made;
}

StackNodeId StackDepot::intern(StackNodeId parent, std::uint64_t pc_and_tenant) {
  StackNodeId made = kNoStack;
  if (const auto node = intern_in(near_bucket(parent, pc_and_tenant), kLongChain, parent,
                                  pc_and_tenant, made)) {
    return node;
  }
  return intern_in(far_bucket(parent, pc_and_tenant), UINT32_MAX, parent, pc_and_tenant,
                   made);
}

}  // namespace memoir
