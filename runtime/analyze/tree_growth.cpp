#include "analyze/tree_growth.h"

#include <algorithm>
#include <tuple>

namespace memoir {

std::uint32_t TreeGrowth::child(std::uint32_t parent, std::uint32_t key) {
  // A key is never 0: neither is what is looked for.
  const auto [node, is_new] = children_->insert(
      std::uint64_t{parent} << 32 | key, static_cast<std::uint32_t>(nodes_.size()));
  if (is_new) append(parent, key);
  return node;
}

std::uint32_t TreeGrowth::append(std::uint32_t parent, std::uint32_t key) {
  nodes_.push_back({parent, key, {}, {}});
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void TreeGrowth::sum_up() {
  for (Node& node : nodes_) node.inclusive = node.exclusive;
  for (std::size_t i = nodes_.size(); i-- > 1;) {
    nodes_[nodes_[i].parent].inclusive.add(nodes_[i].inclusive);
  }
}

namespace {

// Nodes by their parent.
class Family {
 public:
  explicit Family(const std::vector<TreeGrowth::Node>& nodes)
      : begins_(nodes.size() + 1), members_(nodes.size() - 1) {
    for (std::size_t i = 1; i < nodes.size(); ++i) ++begins_[nodes[i].parent + 1];
    for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
    for (std::uint32_t i = 1; i < nodes.size(); ++i) {
      members_[next[nodes[i].parent]++] = i;
    }
  }

  std::span<const std::uint32_t> of(std::uint32_t node) const {
    return {members_.data() + begins_[node], members_.data() + begins_[node + 1]};
  }

 private:
  std::vector<std::uint32_t> begins_, members_;
};

CallNode finished_node(const TreeGrowth::Node& node, const TreeKeys& keys) {
  CallNode made;
  if (node.key == TreeGrowth::kNoStackKey) {
    made.kind = CallNode::Kind::kNoCallStack;
  } else if (node.key == TreeGrowth::kOtherKey) {
    made.kind = CallNode::Kind::kOther;
  } else if (node.key != TreeGrowth::kRootKey) {
    made = keys.make_node(node.key);
  } else {
    made.kind = CallNode::Kind::kRoot;
  }
  made.inclusive = node.inclusive;
  made.exclusive = node.exclusive;
  return made;
}

}  // namespace

std::vector<CallNode> TreeGrowth::finish(const TreeKeys& keys,
                                         std::int64_t threshold) const {
  const Family family(nodes_);
  // The same tree from any order of costs.
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    const Node& one = nodes_[a];
    const Node& other = nodes_[b];
    if (one.inclusive.weight != other.inclusive.weight) {
      return one.inclusive.weight > other.inclusive.weight;
    }
    return keys.rank(one.key) < keys.rank(other.key);
  };
  std::vector<CallNode> tree{finished_node(nodes_.front(), keys)};
  std::vector<std::uint32_t> origins{0};  // by node of the tree; "(other)" has none
  std::vector<std::uint32_t> kept;
  for (std::uint32_t i = 0; i < tree.size(); ++i) {
    tree[i].first_child = static_cast<std::uint32_t>(tree.size());
    if (tree[i].kind == CallNode::Kind::kOther) continue;
    CallNode other;
    other.kind = CallNode::Kind::kOther;
    other.parent = i;
    other.depth = tree[i].depth + 1;
    bool has_other = false;
    kept.clear();
    for (const std::uint32_t member : family.of(origins[i])) {
      const Node& node = nodes_[member];
      if (node.key == kOtherKey || node.inclusive.weight < threshold) {
        other.inclusive.add(node.inclusive);
        has_other = true;
      } else {
        kept.push_back(member);
      }
    }
    std::sort(kept.begin(), kept.end(), before);
    for (const std::uint32_t member : kept) {
      CallNode made = finished_node(nodes_[member], keys);
      made.parent = i;
      made.depth = other.depth;
      tree.push_back(made);
      origins.push_back(member);
    }
    if (has_other) {
      other.exclusive = other.inclusive;
      tree.push_back(other);
      origins.push_back(0);
    }
    tree[i].children = static_cast<std::uint32_t>(tree.size()) - tree[i].first_child;
  }
  return tree;
}

TreeGrowth grow_top_down(const StackStore& stacks, std::span<const StackCost> costs,
                         const TreeKeys& keys, bool collapse_recursion) {
  constexpr std::uint32_t kUnknown = ~std::uint32_t{0};
  TreeGrowth tree;
  std::vector<std::uint32_t> nodes(stacks.size(), kUnknown);  // by stack
  nodes[0] = 0;
  std::vector<TraceStackId> way;
  for (const StackCost& cost : costs) {
    std::uint32_t node = 0;
    if (!stacks.has(cost.stack)) {
      node = tree.child(0, TreeGrowth::kNoStackKey);
    } else {
      way.clear();
      TraceStackId stack = cost.stack;
      for (; nodes[stack.value] == kUnknown; stack = stacks.parent(stack)) {
        way.push_back(stack);
      }
      node = nodes[stack.value];
      for (; !way.empty(); way.pop_back()) {
        const std::span<const FrameLine> lines =
            stacks.frames().lines(stacks.frame(way.back()));
        for (std::size_t i = lines.size(); i-- > 0;) {
          const std::uint32_t key = keys.key(lines[i]);
          if (key == TreeKeys::kHidden) continue;
          if (collapse_recursion && tree.nodes()[node].key == key) continue;
          node = tree.child(node, key);
        }
        nodes[way.back().value] = node;
      }
    }
    tree.nodes()[node].exclusive.add(cost.cost);
  }
  tree.sum_up();
  return tree;
}

namespace {

// A cost on its way outwards: where it was spent, and how far it has come.
struct Traveller {
  std::uint32_t spent, at;  // nodes of the top-down tree
};

}  // namespace

TreeGrowth grow_bottom_up(const TreeGrowth& top_down, std::int64_t threshold) {
  const std::vector<TreeGrowth::Node>& from = top_down.nodes();
  TreeGrowth tree;
  std::vector<Traveller> travellers;
  for (std::uint32_t i = 1; i < from.size(); ++i) {
    if (!from[i].exclusive.is_zero()) travellers.push_back({i, i});
  }
  // What is hidden altogether was spent by the root.
  tree.nodes()[0].exclusive = from[0].exclusive;

  // Each piece of work: those that arrived at a node, where they stand at its callee.
  struct Arrival {
    std::uint32_t node;
    std::size_t begin, end;
  };
  std::vector<Arrival> work{{0, 0, travellers.size()}};
  while (!work.empty()) {
    const Arrival arrival = work.back();
    work.pop_back();
    const auto begin = travellers.begin() + static_cast<std::ptrdiff_t>(arrival.begin);
    const auto end = travellers.begin() + static_cast<std::ptrdiff_t>(arrival.end);
    std::sort(begin, end, [&](const Traveller& a, const Traveller& b) {
      return std::tuple(from[a.at].key, a.spent) < std::tuple(from[b.at].key, b.spent);
    });
    std::uint32_t other = 0;
    for (auto group = begin; group != end;) {
      const std::uint32_t key = from[group->at].key;
      const auto group_end = std::find_if(
          group, end, [&](const Traveller& one) { return from[one.at].key != key; });
      Cost cost;
      for (auto one = group; one != group_end; ++one)
        cost.add(from[one->spent].exclusive);
      if (cost.weight < threshold) {
        if (other == 0) other = tree.append(arrival.node, TreeGrowth::kOtherKey);
        tree.nodes()[other].exclusive.add(cost);
        group = group_end;
        continue;
      }
      const std::uint32_t node = tree.append(arrival.node, key);
      // Those that came to the outermost function end here.
      auto goes_on = group;
      for (auto one = group; one != group_end; ++one) {
        one->at = from[one->at].parent;
        if (one->at == 0) {
          tree.nodes()[node].exclusive.add(from[one->spent].exclusive);
        } else {
          *goes_on++ = *one;
        }
      }
      if (goes_on != group) {
        work.push_back({node, static_cast<std::size_t>(group - travellers.begin()),
                        static_cast<std::size_t>(goes_on - travellers.begin())});
      }
      group = group_end;
    }
  }
  tree.sum_up();
  return tree;
}

}  // namespace memoir
