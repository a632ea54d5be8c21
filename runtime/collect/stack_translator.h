#pragma once

// Depot nodes of one process to stacks of the trace. A node is translated when the first
// event that names it is taken, while the modules are mapped as they were then.
//
// Thread safety: one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/compiler.h"
#include "collect/module_map.h"
#include "collect/session_mapping.h"
#include "trace/trace_writer.h"

namespace memoir {

class StackTranslator {
 public:
  StackTranslator(const SessionMapping& session, TraceWriter& writer, ProcessId process)
      : session_(session), writer_(writer), maker_(process) {}

  // Stacks that name no node get a frame of their own that says so.
  TraceStackId translate(StackNodeId node, const ModuleMap& modules) {
    const TraceStackId* known = find(node);
    return known != nullptr && *known ? *known : translate_path(node, modules);
  }
  // Fetches what translate() will look at.
  MEMOIR_FAST_PATH void prefetch(StackNodeId node) const {
    if (const TraceStackId* known = find(node)) __builtin_prefetch(known);
  }

 private:
  static constexpr std::size_t kPageNodes = 4096;
  using Page = std::array<TraceStackId, kPageNodes>;

  // Null where no node of that page was met.
  TraceStackId* find(StackNodeId node) const {
    const std::size_t page = node / kPageNodes;
    if (page >= known_.size() || known_[page] == nullptr) return nullptr;
    return &(*known_[page])[node % kPageNodes];
  }
  TraceStackId& at(StackNodeId node);
  TraceStackId translate_path(StackNodeId node, const ModuleMap& modules);
  FrameId translate_frame(std::uint64_t pc, const ModuleMap& modules);
  // Notes that the frame stands for this word of a node. Different nodes make different
  // stacks as long as each frame stands for one word.
  void note_frame(FrameId frame, std::uint64_t pc_and_tenant);

  const SessionMapping& session_;
  TraceWriter& writer_;
  ProcessId maker_;  // none from when on different nodes may be the same stack
  std::vector<std::uint64_t> words_;  // by frame: what it stands for; 0: nothing yet
  // By node; none: not translated yet. In pages: how many nodes there are is what the
  // program says.
  std::vector<std::unique_ptr<Page>> known_;
  std::vector<StackNodeId> path_;  // scratch
};

}  // namespace memoir
