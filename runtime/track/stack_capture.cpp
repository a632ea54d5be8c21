#include "track/stack_capture.h"

#include <cstring>

#include "base/text_writer.h"
#include "track/event_writer.h"
#include "track/runtime_state.h"
#include "track/stack_check.h"
#include "unwind/libunwind_fallback.h"

namespace memoir {
namespace {

// The module's path as the collector can open it.
TextRef add_module_path(const SessionMemory& memory, const char* name) {
  if (name == nullptr || *name == '\0') return memory.header().executable;
  if (*name == '/' || strchr(name, '/') == nullptr)
    return memory.add_text(name, strlen(name));
  char directory[4096] = {};
  if (raw_syscall(SYS_getcwd, directory, sizeof directory) <= 0) {
    return memory.add_text(name, strlen(name));
  }
  Text<8192> path;
  path.add(directory).add("/").add(name);
  return memory.add_text(path.c_str(), path.size());
}

MEMOIR_SLOW_PATH void note_module(ThreadState& state, std::uint64_t pc) {
  Runtime& runtime = g_runtime;
  ModuleImage module;
  if (!find_module(pc, module) || !runtime.modules.add(module)) return;
  const SessionMemory& memory = runtime.session.memory();
  Event event;
  event.kind = EventKind::kModuleLoad;
  event.time = runtime.session.clock().now();
  event.address = module.bias;
  event.size = add_module_path(memory, module.name);
  event.more_time = module.begin;
  event.more_address = module.end;
  event.more_size = memory.add_text(reinterpret_cast<const char*>(module.build_id),
                                    module.build_id_size);
  write_event(runtime.session, state, event);
}

void note_unload(ThreadState& state, const ModuleRegistry::Range& range) {
  Event event;
  event.kind = EventKind::kModuleUnload;
  event.time = g_runtime.session.clock().now();
  event.address = range.begin;
  event.size = range.end;
  write_event(g_runtime.session, state, event);
}

// Sees to it that the module of a new frame is announced. kReplaced when another module
// had been known there: it is forgotten, and so must be what was walked by its rules.
ModuleRegistry::Place settle_module(ThreadState& state, std::uint64_t pc) {
  ModuleRegistry::Range range;
  const ModuleRegistry::Place place = g_runtime.modules.look_up(pc, range);
  if (place == ModuleRegistry::Place::kUnknown) note_module(state, pc);
  if (place == ModuleRegistry::Place::kReplaced && g_runtime.modules.drop(range)) {
    note_unload(state, range);
  }
  return place;
}

StackNodeId intern_new(StackNodeId parent, std::uint64_t key) {
  Session& session = g_runtime.session;
  const StackNodeId node = session.depot().intern(parent, key);
  if (node == parent) {
    session.memory().header().depot_full.store(1, std::memory_order_relaxed);
  }
  return node;
}

// A frame whose address is not settled. Once a module was unloaded, an address alone does
// not say whose it is.
MEMOIR_SLOW_PATH StackNodeId intern_unsettled(ThreadState& state, StackNodeId parent,
                                              std::uint64_t pc) {
  ModuleRegistry& modules = g_runtime.modules;
  if (pc == kGapPc) return intern_new(parent, pc);
  const bool unloading = modules.is_unloading();
  const bool has_tenants = modules.generation() != 0 || unloading;
  if (!has_tenants) {
    // Generated code comes here every time.
    if (const auto known = g_runtime.session.depot().find(parent, pc)) return known;
  }
  const ModuleRegistry::Place place = settle_module(state, pc);
  if (place == ModuleRegistry::Place::kReplaced) return parent;
  std::uint64_t tenant = 0;
  if (has_tenants && !modules.find_tenant(pc, tenant)) tenant = 0;
  const std::uint64_t key = pc | tenant << kPcBits;
  const bool settled = place == ModuleRegistry::Place::kKnown && !unloading &&
                       modules.generation() == state.generation;
  if (settled) state.settled.put(pc, key);
  return intern_new(parent, key);
}

MEMOIR_FAST_PATH StackNodeId intern_frame(ThreadState& state, StackNodeId parent,
                                          std::uint64_t pc) {
  const std::uint64_t key = state.settled.find(pc);
  if (MEMOIR_LIKELY(key != 0 && !g_runtime.modules.is_unloading())) {
    return intern_new(parent, key);
  }
  return intern_unsettled(state, parent, pc);
}

// A module was unloaded since this thread's last walk.
MEMOIR_SLOW_PATH void forget_addresses(ThreadState& state, std::uint32_t generation) {
  state.generation = generation;
  state.walker.forget_rules();
  state.settled.clear();
  flush_libunwind();
}

// Addresses are those of returns, behind the call: an instruction that was interrupted is
// named by the address behind its first byte.
StackNodeId intern_walked(ThreadState& state, const WalkedStack& walked,
                          std::uint64_t first_offset) {
  StackNodeId node = state.walker.remembered_node();
  for (std::size_t i = walked.fresh; i-- > 0;) {
    if (MEMOIR_UNLIKELY(i + 1 == walked.gap)) node = intern_frame(state, node, kGapPc);
    const std::uint64_t offset = i == 0 ? first_offset : 0;
    node = intern_frame(state, node, state.walker.fresh_pc(i) + offset);
    state.walker.remember(i, node);
  }
  return node;
}

// Walks and interns, once more if a module was unloaded meanwhile.
template <typename Walk>
MEMOIR_FAST_PATH StackNodeId capture(ThreadState& state, Walk walk,
                                     std::uint64_t first_offset) {
  // Modules come and go in other threads; hardly ever twice during one walk.
  constexpr int kAttempts = 4;
  const ModuleRegistry& modules = g_runtime.modules;
  StackNodeId stack = kNoStack;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::uint32_t generation = modules.generation();
    if (MEMOIR_UNLIKELY(state.generation != generation || modules.is_unloading())) {
      forget_addresses(state, generation);
    }
    stack = intern_walked(state, walk(), first_offset);
    if (MEMOIR_LIKELY(modules.generation() == generation)) break;
  }
  return stack;
}

}  // namespace

StackNodeId capture_stack(ThreadState& state, const void* frame) {
  const StackNodeId stack = capture(
      state, [&] { return state.walker.walk(frame); }, 0);
  if (MEMOIR_UNLIKELY(g_runtime.session.options().check_stacks)) {
    check_stack(state, frame, stack);
  }
  return stack;
}

StackNodeId capture_interrupted_stack(ThreadState& state,
                                      const FrameRegisters& registers) {
  return capture(
      state, [&] { return state.walker.walk_interrupted(registers); }, 1);
}

}  // namespace memoir
