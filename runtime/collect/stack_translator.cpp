#include "collect/stack_translator.h"

namespace memoir {
namespace {

// Stands where an address would, for what has none. Shown as what they mean.
constexpr const char* kInterruptedModule = "[stack not walked: in a signal handler]";
constexpr const char* kGapModule = "[frames left out]";
constexpr const char* kUnknownModule = "[no stack]";

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

TraceStackId StackTranslator::translate(StackNodeId node, const ModuleMap& modules) {
  if (node >= known_.size()) {
    // No node lies beyond the depot: a wild number is treated as no stack.
    if (node >= session_.node_count()) node = kNoStack;
    known_.resize(std::size_t{session_.node_count()} + kFirstStackNode);
  }
  if (known_[node]) return known_[node];
  if (node < kFirstStackNode) {
    const char* name = node == kInterruptedStack ? kInterruptedModule : kUnknownModule;
    const FrameId frame = writer_.intern_frame(writer_.intern_module(name, ""), 0);
    return known_[node] = writer_.intern_stack(TraceStackId{}, frame);
  }
  path_.clear();
  StackNodeId id = node;
  while (id >= kFirstStackNode && !known_[id]) {
    path_.push_back(id);
    id = session_.node(id).parent;
  }
  TraceStackId stack = id >= kFirstStackNode ? known_[id] : TraceStackId{};
  while (!path_.empty()) {
    stack = translate_frame(stack, session_.node(path_.back()), modules);
    known_[path_.back()] = stack;
    path_.pop_back();
  }
  return stack;
}

}  // namespace memoir
