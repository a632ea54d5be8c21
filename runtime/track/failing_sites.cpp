#include "track/failing_sites.h"

#include <fcntl.h>

#include <atomic>
#include <cstring>

#include "base/blocked_signals.h"
#include "base/metadata_arena.h"
#include "base/pages.h"
#include "base/pattern.h"
#include "base/raw_syscall.h"
#include "track/module_registry.h"
#include "track/module_symbols.h"
#include "track/runtime_state.h"

namespace memoir {
namespace {

constexpr std::uint32_t kMostModules = 1024;
constexpr std::uint32_t kJudgedStacks = 1u << 16;

// What the pattern means in one module.
struct Module {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool is_meant = false;  // by its own name
  MatchingFunctions functions;
};

// Mapped when it is wanted: it would be a burden to small address spaces.
struct Sites {
  SpinLock lock;
  MetadataArena arena;
  std::atomic<std::uint32_t> module_count;
  Module modules[kMostModules];
  // By stack: its number, and the verdict in the lowest bit.
  std::atomic<std::uint64_t> judged[kJudgedStacks];
};
constinit Sites* g_sites = nullptr;

const char* file_name(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

// The path of a module; that of the program itself is put into `buffer`.
const char* path_of(const ModuleImage& image, char* buffer, std::size_t size) {
  if (image.name != nullptr && *image.name != '\0') return image.name;
  const long n =
      raw_syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", buffer, size - 1);
  buffer[n > 0 ? n : 0] = '\0';
  return buffer;
}

const Module* find_known(std::uint64_t pc) {
  const std::uint32_t count = g_sites->module_count.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (pc >= g_sites->modules[i].begin && pc < g_sites->modules[i].end)
      return &g_sites->modules[i];
  }
  return nullptr;
}

const Module* add_module(const ModuleImage& image, const char* pattern) {
  const BlockedSignals blocked;
  const SpinGuard guard(g_sites->lock);
  if (const Module* known = find_known(image.begin)) return known;
  const std::uint32_t count = g_sites->module_count.load(std::memory_order_relaxed);
  if (count == kMostModules) return nullptr;
  Module& module = g_sites->modules[count];
  char own_path[1024];
  const char* path = path_of(image, own_path, sizeof own_path);
  module.begin = image.begin;
  module.end = image.end;
  module.is_meant = matches_pattern(pattern, file_name(path));
  module.functions = find_matching_functions(path, image.bias, pattern, g_sites->arena);
  g_sites->module_count.store(count + 1, std::memory_order_release);
  return &module;
}

const Module* find_module_of(std::uint64_t pc, const char* pattern) {
  if (const Module* known = find_known(pc)) return known;
  ModuleImage image;
  return find_module(pc, image) ? add_module(image, pattern) : nullptr;
}

bool is_meant(StackNodeId stack, const char* pattern) {
  const SessionMemory& memory = g_runtime.session.memory();
  bool innermost = true;
  for (StackNodeId node = stack; node >= kFirstStackNode;
       node = memory.nodes()[node].parent) {
    const std::uint64_t pc = memory.nodes()[node].pc_and_tenant & kPcMask;
    if (pc == kGapPc) continue;
    // A return address stands behind the call.
    const Module* module = find_module_of(pc - 1, pattern);
    if (module != nullptr) {
      if (innermost && module->is_meant) return true;
      if (module->functions.contain(pc - 1)) return true;
    }
    innermost = false;
  }
  return false;
}

}  // namespace

bool start_judging_sites() {
  if (g_sites == nullptr) {
    g_sites = static_cast<Sites*>(map_pages(round_up(sizeof(Sites), kPageSize)));
  }
  return g_sites != nullptr;
}

bool is_failing_site(StackNodeId stack, const char* pattern) {
  if (stack < kFirstStackNode) return false;
  std::atomic<std::uint64_t>& judged = g_sites->judged[stack % kJudgedStacks];
  const std::uint64_t known = judged.load(std::memory_order_relaxed);
  if (known >> 1 == stack) return (known & 1) != 0;
  const bool meant = is_meant(stack, pattern);
  judged.store(std::uint64_t{stack} << 1 | (meant ? 1 : 0), std::memory_order_relaxed);
  return meant;
}

void forget_failing_sites() {
  if (g_sites == nullptr) return;
  // Another thread of the parent may have held them; what it was adding is not counted.
  g_sites->lock.unlock();
  g_sites->arena.lock().unlock();
  for (std::atomic<std::uint64_t>& judged : g_sites->judged) judged.store(0);
}

}  // namespace memoir
