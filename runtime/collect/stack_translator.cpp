#include "collect/stack_translator.h"

namespace memoir {
namespace {

// Stands where an address would, for what has none. Shown as what they mean.
constexpr const char* kInterruptedModule = "[stack not walked: in a signal handler]";
constexpr const char* kGapModule = "[frames left out]";
constexpr const char* kUnknownModule = "[no stack]";

// Longer than any stack the runtime records.
constexpr std::size_t kLongestPath = 1 << 16;

}  // namespace

TraceStackId StackTranslator::translate_frame(TraceStackId parent, const StackNode& node,
                                              const ModuleMap& modules) {
  const std::uint64_t pc = node.pc_and_tenant & kPcMask;
  if (pc == kGapPc) {
    const FrameId gap = writer_.intern_frame(writer_.intern_module(kGapModule, ""), 0);
    return writer_.intern_stack(parent, gap);
  }
  const MappedModule* module = modules.find(pc);
  const FrameId frame = module == nullptr
                            ? writer_.intern_frame(ModuleId{}, pc)
                            : writer_.intern_frame(module->module, pc - module->bias);
  return writer_.intern_stack(parent, frame);
}

TraceStackId& StackTranslator::at(StackNodeId node) {
  const std::size_t page = node / kPageNodes;
  if (page >= known_.size()) known_.resize(page + 1);
  if (known_[page] == nullptr) known_[page] = std::make_unique<Page>();
  return (*known_[page])[node % kPageNodes];
}

TraceStackId StackTranslator::translate_path(StackNodeId node, const ModuleMap& modules) {
  // No node lies beyond the depot: a wild number is treated as no stack.
  if (node >= session_.node_count()) node = kNoStack;
  if (node < kFirstStackNode) {
    TraceStackId& known = at(node);
    if (known) return known;
    const char* name = node == kInterruptedStack ? kInterruptedModule : kUnknownModule;
    const FrameId frame = writer_.intern_frame(writer_.intern_module(name, ""), 0);
    return known = writer_.intern_stack(TraceStackId{}, frame);
  }
  path_.clear();
  StackNodeId id = node;
  while (id >= kFirstStackNode && path_.size() < kLongestPath) {
    const TraceStackId* known = find(id);
    if (known != nullptr && *known) break;
    path_.push_back(id);
    id = session_.node(id).parent;
  }
  const TraceStackId* outer = id >= kFirstStackNode ? find(id) : nullptr;
  TraceStackId stack = outer != nullptr ? *outer : TraceStackId{};
  while (!path_.empty()) {
    stack = translate_frame(stack, session_.node(path_.back()), modules);
    at(path_.back()) = stack;
    path_.pop_back();
  }
  return stack;
}

}  // namespace memoir
