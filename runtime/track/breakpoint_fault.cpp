#include "track/breakpoint_fault.h"

#include <cstring>

#include "base/blocked_signals.h"
#include "track/access_size.h"
#include "track/byte_watches.h"
#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/handler_stack.h"
#include "track/interrupted_code.h"
#include "track/library_access.h"
#include "track/module_registry.h"
#include "track/recording.h"

namespace memoir {
namespace {

// Memoir's own code does what it must to canaries and freed memory.
bool is_own_code(std::uint64_t pc) {
  if (t_thread.state != nullptr && t_thread.state->inside != 0) return true;
  ModuleImage module;
  return find_module(pc, module) && module.name != nullptr &&
         strstr(module.name, "/libmemoir_") != nullptr;
}

// Functions like strlen read whole vectors, beyond the end of what they are given.
bool reads_ahead(std::uint64_t pc) {
  ModuleImage module;
  ModuleImage libc;
  return find_module(pc, module) &&
         find_module(reinterpret_cast<std::uintptr_t>(&memcpy), libc) &&
         module.begin == libc.begin;
}

bool is_told(const WatchedBytes& watched) {
  return watched.place.slab->records[watched.place.slot].told != 0;
}

void report_touch(const TouchedBytes& touched, const ucontext_t& context) {
  const WatchedBytes& watched = touched.watched;
  const StoppedAt stopped = find_stopped(context, watched.address, watched.bytes);
  FrameRegisters registers = registers_of(context);
  registers.pc = stopped.pc;
  registers.sp = stopped.sp;
  FaultRecord record;
  record.kind = diagnose_access(touched.block, touched.address, 1);
  record.access = touched.is_write ? FaultAccess::kWrite : FaultAccess::kRead;
  record.flags = kFaultPinned;
  record.address = touched.address;
  if (stopped.instruction.bytes != 0) record.size = size_of_access(stopped.pc);
  record.stack = walk_interrupted_stack(registers);
  describe_block(record, touched.block);
  report_fault(record, reinterpret_cast<const void*>(registers.sp));
}

}  // namespace

bool handle_breakpoint(const siginfo_t& info, const ucontext_t& context) {
  BreakpointHit hit;
  if (!read_breakpoint_signal(info, hit)) return false;
  // What comes late is not told of: the access will be found by what it has left.
  const std::uint64_t pc = registers_of(context).pc;
  if (!serves_blocks() || hit.is_late || is_own_code(pc)) return true;
  TouchedBytes touched;
  if (!find_touched_bytes(checked_heap(), hit, touched)) return true;
  if (!touched.is_write && (reads_ahead(pc) || is_in_told_call())) {
    keep_watching(hit);
    return true;
  }
  clear_watch(hit);
  attach_interrupted_thread();
  const BlockedSignals blocked;
  on_handler_stack([&] {
    if (!is_told(touched.watched) && !is_in_told_call()) report_touch(touched, context);
    if (touched.is_write) checked_heap().mark_told(touched.watched.place);
  });
  end_watch(hit);
  return true;
}

}  // namespace memoir
