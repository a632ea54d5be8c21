#include "collect/stack_translator.h"

#include <algorithm>

namespace memoir {
namespace {

// Stands where an address would, for what has none. Shown as what they mean.
constexpr const char* kInterruptedModule = "[stack not walked: in a signal handler]";
constexpr const char* kGapModule = "[frames left out]";
constexpr const char* kUnknownModule = "[no stack]";

// Longer than any stack the runtime records.
constexpr std::size_t kLongestPath = 1 << 16;

}  // namespace

FrameId StackTranslator::translate_frame(std::uint64_t pc, const ModuleMap& modules) {
  if (pc == kGapPc) {
    return writer_.intern_frame(writer_.intern_module(kGapModule, ""), 0);
  }
  const MappedModule* module = modules.find(pc);
  return module == nullptr ? writer_.intern_frame(ModuleId{}, pc)
                           : writer_.intern_frame(module->module, pc - module->bias);
}

void StackTranslator::note_frame(FrameId frame, std::uint64_t pc_and_tenant) {
  if (!maker_) return;
  if (frame.value >= words_.size()) {
    words_.resize(std::max<std::size_t>(frame.value + std::size_t{1}, words_.size() * 2));
  }
  std::uint64_t& word = words_[frame.value];
  if (word == 0) word = pc_and_tenant;
  if (word != pc_and_tenant) maker_ = {};
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
    const StackNode node = session_.node(path_.back());
    const FrameId frame = translate_frame(node.pc_and_tenant & kPcMask, modules);
    note_frame(frame, node.pc_and_tenant);
    stack = writer_.intern_stack(stack, frame, maker_);
    at(path_.back()) = stack;
    path_.pop_back();
  }
  return stack;
}

}  // namespace memoir
