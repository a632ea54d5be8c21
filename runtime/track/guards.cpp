#include "track/guards.h"

#include <algorithm>

#include "base/options.h"
#include "heap/guard_pages.h"
#include "track/checked_allocator.h"
#include "track/pins.h"
#include "track/program_signals.h"
#include "track/runtime_options.h"
#include "track/runtime_state.h"

namespace memoir {
namespace {

constexpr std::uint64_t kMib = std::uint64_t{1} << 20;
constexpr std::uint64_t kUsualMib = 64;
constexpr std::uint64_t kGuardModeMib = 512;
// A process may have 65,530 mappings. A slot that lives among closed ones makes two.
constexpr std::uint32_t kMostMapped = 8192;

constinit bool g_guards_blocks = false;

}  // namespace

void start_guards() {
  if (!serves_blocks() || !signals_are_taken()) return;
  Options options;
  read_runtime_options(options);
  GuardSettings settings;
  settings.first = options.guard_first;
  settings.all = options.mode == RunMode::kGuard;
  settings.seed = options.seed;
  if (settings.all && settings.first == 0) settings.first = 1;
  const std::uint64_t usual = settings.all ? kGuardModeMib : kUsualMib;
  const std::uint64_t wanted = options.guard_mib != 0 ? options.guard_mib : usual;
  // Slots take twice their memory, and freed ones wait. Where the address space is
  // limited, most of it is the program's.
  GuardedSlotSettings slots;
  slots.space_bytes = std::min(wanted * kMib * 8, address_space_limit() / 16);
  slots.memory_bytes = std::min(wanted * kMib, slots.space_bytes / 4);
  if (guard_method() == GuardKind::kProtect) slots.most_live = kMostMapped;
  set_pins();
  checked_heap().start_guards(settings, slots);
  g_guards_blocks = settings.first != 0;
}

void count_guards() {
  if (!g_guards_blocks) return;
  SessionHeader& header = g_runtime.session.memory().header();
  const bool in_tables = guard_method() == GuardKind::kInstall;
  header.guard_method.store(in_tables ? GuardMethod::kPageTables
                                      : GuardMethod::kMappings);
  checked_heap().guards().count_in(&header.blocks_guarded);
}

}  // namespace memoir
