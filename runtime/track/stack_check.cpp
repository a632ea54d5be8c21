#include "track/stack_check.h"

#include <cerrno>

#include "base/pages.h"
#include "base/text_writer.h"
#include "track/runtime_state.h"
#include "unwind/libunwind_fallback.h"

namespace memoir {
namespace {

constexpr std::uint64_t kShownDifferences = 3;

std::uint64_t first_return_address(const void* frame) {
  return static_cast<const std::uint64_t*>(frame)[1];
}

// Whether the node names exactly these addresses, innermost first. A stack with a gap is
// compared down to it.
bool is_same(const StackNode* nodes, StackNodeId node, const std::uint64_t* pcs,
             std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (node == kNoStack) return false;
    const std::uint64_t pc = nodes[node].pc_and_tenant & kPcMask;
    if (pc == kGapPc) return true;
    if (pc != pcs[i]) return false;
    node = nodes[node].parent;
  }
  return node == kNoStack;
}

// One line for each depth: our address, theirs.
void show(const StackNode* nodes, StackNodeId node, const std::uint64_t* pcs,
          std::size_t size) {
  constexpr std::size_t kShownFrames = 64;
  say("check_stacks: a stack differs from libunwind's (ours, theirs):");
  for (std::size_t i = 0; i < kShownFrames && (node != kNoStack || i < size); ++i) {
    Text<128> line;
    line.add("  ");
    if (node != kNoStack) line.add_hex(nodes[node].pc_and_tenant & kPcMask);
    line.add(" ");
    if (i < size) line.add_hex(pcs[i]);
    say(line.c_str());
    if (node != kNoStack) node = nodes[node].parent;
  }
}

}  // namespace

void check_stack(ThreadState& state, const void* frame, StackNodeId node) {
  if (!libunwind_is_open()) return;
  if (state.checked_pcs == nullptr) {
    state.checked_pcs =
        static_cast<std::uint64_t*>(map_pages(kMaxWholeStack * sizeof(std::uint64_t)));
    if (state.checked_pcs == nullptr) return;
  }
  const int saved_errno = errno;
  const std::size_t size =
      walk_with_libunwind(first_return_address(frame), state.checked_pcs, kMaxWholeStack);
  const SessionMemory& memory = g_runtime.session.memory();
  SessionHeader& header = memory.header();
  header.stacks_checked.fetch_add(1, std::memory_order_relaxed);
  if (!is_same(memory.nodes(), node, state.checked_pcs, size) &&
      header.stacks_different.fetch_add(1, std::memory_order_relaxed) <
          kShownDifferences) {
    show(memory.nodes(), node, state.checked_pcs, size);
  }
  errno = saved_errno;
}

}  // namespace memoir
