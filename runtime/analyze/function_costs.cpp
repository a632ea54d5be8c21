#include "analyze/function_costs.h"

#include <algorithm>
#include <unordered_map>

namespace memoir {
namespace {

// Numbers for what is one function of the tree.
class Functions {
 public:
  explicit Functions(const CallTree& tree) : tree_(tree) {
    std::unordered_map<std::uint64_t, std::uint32_t> by_name;
    std::unordered_map<std::uint64_t, std::uint32_t> by_line;
    const std::vector<CallNode>& nodes = tree.nodes();
    numbers_.resize(nodes.size(), kNone);
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      const CallNode& node = nodes[i];
      if (node.kind != CallNode::Kind::kFunction) continue;
      const auto named = static_cast<std::uint32_t>(by_name.size());
      std::uint64_t key = std::uint64_t{node.function.value} << 32 | node.module.value;
      key = by_name.try_emplace(key, named).first->second;
      key = key << 32 | node.line;
      const auto next = static_cast<std::uint32_t>(by_line.size());
      numbers_[i] = by_line.try_emplace(key, next).first->second;
      if (numbers_[i] == next) first_.push_back(i);
    }
  }

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // Of a node; kNone of what is no function.
  std::uint32_t of(std::uint32_t node) const { return numbers_[node]; }
  std::size_t size() const { return first_.size(); }

  FunctionCost make(std::uint32_t number) const {
    const CallNode& node = tree_.node(first_[number]);
    FunctionCost cost;
    cost.function = node.function;
    cost.module = node.module;
    cost.file = node.file;
    cost.line = node.line;
    cost.node = first_[number];
    return cost;
  }

 private:
  const CallTree& tree_;
  std::vector<std::uint32_t> numbers_;  // by node
  std::vector<std::uint32_t> first_;    // by number: a node
};

// Calls enter(node) before and leave(node) after the nodes below it.
template <typename Enter, typename Leave>
void walk(const CallTree& tree, Enter enter, Leave leave) {
  struct Step {
    std::uint32_t node, next;
  };
  std::vector<Step> way{{0, 0}};
  enter(0U);
  while (!way.empty()) {
    Step& step = way.back();
    const CallNode& node = tree.node(step.node);
    if (step.next < node.children) {
      const std::uint32_t child = node.first_child + step.next++;
      enter(child);
      way.push_back({child, 0});
    } else {
      leave(step.node);
      way.pop_back();
    }
  }
}

void add_node(FunctionCost& total, const CallTree& tree, std::uint32_t node) {
  const std::int64_t weight = tree.node(node).inclusive.weight;
  if (weight > tree.node(total.node).inclusive.weight) total.node = node;
}

void sort_heaviest_first(std::vector<FunctionCost>& costs) {
  std::stable_sort(costs.begin(), costs.end(),
                   [](const FunctionCost& a, const FunctionCost& b) {
                     return a.inclusive.weight > b.inclusive.weight;
                   });
}

}  // namespace

std::vector<FunctionCost> function_costs(const CallTree& tree) {
  const Functions functions(tree);
  std::vector<FunctionCost> costs;
  for (std::uint32_t i = 0; i < functions.size(); ++i) costs.push_back(functions.make(i));
  std::vector<std::uint32_t> open(functions.size());  // so many times in this stack
  walk(
      tree,
      [&](std::uint32_t node) {
        const std::uint32_t function = functions.of(node);
        if (function == Functions::kNone) return;
        FunctionCost& cost = costs[function];
        add_node(cost, tree, node);
        cost.exclusive.add(tree.node(node).exclusive);
        if (open[function]++ == 0) cost.inclusive.add(tree.node(node).inclusive);
      },
      [&](std::uint32_t node) {
        const std::uint32_t function = functions.of(node);
        if (function != Functions::kNone) --open[function];
      });
  sort_heaviest_first(costs);
  return costs;
}

namespace {

// Costs by way of a call from one function to another, each stack counted once.
class CallCosts {
 public:
  CallCosts(const CallTree& tree, const Functions& functions)
      : tree_(tree), functions_(functions) {}

  // A call of `other` within the stack that ends at `node`.
  void enter(std::uint32_t other, std::uint32_t node) {
    const auto [entry, is_new] = calls_.try_emplace(other);
    if (is_new) entry->second.cost = functions_.make(other);
    add_node(entry->second.cost, tree_, node);
    if (entry->second.open++ == 0) {
      entry->second.cost.inclusive.add(tree_.node(node).inclusive);
    }
  }
  void leave(std::uint32_t other) { --calls_.at(other).open; }

  std::vector<FunctionCost> finish() const {
    std::vector<std::pair<std::uint32_t, FunctionCost>> numbered;
    for (const auto& [number, call] : calls_) numbered.emplace_back(number, call.cost);
    std::sort(numbered.begin(), numbered.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<FunctionCost> costs;
    for (const auto& [number, cost] : numbered) costs.push_back(cost);
    sort_heaviest_first(costs);
    return costs;
  }

 private:
  struct Call {
    FunctionCost cost;
    std::uint32_t open = 0;  // such calls in the stack that is looked at
  };

  const CallTree& tree_;
  const Functions& functions_;
  std::unordered_map<std::uint32_t, Call> calls_;
};

}  // namespace

CallersAndCallees callers_and_callees(const CallTree& tree, std::uint32_t node) {
  const Functions functions(tree);
  CallersAndCallees result;
  const std::uint32_t wanted = functions.of(node);
  if (wanted == Functions::kNone) return result;
  result.self = functions.make(wanted);
  CallCosts callers(tree, functions), callees(tree, functions);
  std::uint32_t open = 0;
  // Calls use(costs, other) for the calls from the node's parent that concern the
  // function.
  const auto for_calls = [&](std::uint32_t at, auto use) {
    const std::uint32_t here = functions.of(at);
    const std::uint32_t caller = functions.of(tree.node(at).parent);
    if (here == Functions::kNone || caller == Functions::kNone) return;
    if (here == wanted) use(callers, caller);
    if (caller == wanted) use(callees, here);
  };
  walk(
      tree,
      [&](std::uint32_t at) {
        for_calls(
            at, [at](CallCosts& costs, std::uint32_t other) { costs.enter(other, at); });
        if (functions.of(at) != wanted) return;
        add_node(result.self, tree, at);
        result.self.exclusive.add(tree.node(at).exclusive);
        if (open++ == 0) result.self.inclusive.add(tree.node(at).inclusive);
      },
      [&](std::uint32_t at) {
        for_calls(at, [](CallCosts& costs, std::uint32_t other) { costs.leave(other); });
        if (functions.of(at) == wanted) --open;
      });
  result.callers = callers.finish();
  result.callees = callees.finish();
  return result;
}

}  // namespace memoir
