#include "track/breakpoint_fault.h"

#include <gnu/libc-version.h>

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

bool is_of_libc(std::uint64_t pc) {
  ModuleImage module;
  ModuleImage libc;
  const auto known = reinterpret_cast<std::uintptr_t>(&gnu_get_libc_version);
  return find_module(pc, module) && find_module(known, libc) &&
         module.begin == libc.begin;
}

// Functions like strlen read whole vectors, beyond the end of what they are given; and
// what a mask leaves out counts for the processor.
bool is_read_without_meaning(std::uint64_t pc, const StoppedAt& stopped) {
  return is_of_libc(pc) || stopped.instruction.is_masked || is_in_told_call();
}

// What an instruction read of the bytes, or beside them.
void set_read_address(const ucontext_t& context, const StoppedAt& stopped,
                      TouchedBytes& touched) {
  const WatchedBytes& on = touched.watched;
  std::uint64_t operand = 0;
  if (stopped.instruction.bytes == 0 ||
      !operand_address(context, stopped.instruction, stopped.pc, operand)) {
    return;
  }
  // Of one that begins within the block, what lies behind it.
  const bool is_beside = diagnose_access(touched.block, operand, 1) != FaultKind::kNone;
  if (!is_beside || operand >= on.address + on.bytes) return;
  const std::uint64_t size = size_of_access(stopped.pc);
  if (operand + size > on.address) touched.address = operand;
}

bool is_told(const WatchedBytes& watched) {
  return watched.place.slab->records[watched.place.slot].told != 0;
}

void report_touch(const TouchedBytes& touched, const StoppedAt& stopped,
                  const ucontext_t& context) {
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
  const WatchedBytes& watched = touched.watched;
  const StoppedAt stopped = find_stopped(context, watched.address, watched.bytes);
  if (!touched.is_write) {
    if (is_read_without_meaning(pc, stopped)) {
      keep_watching(hit);
      return true;
    }
    set_read_address(context, stopped, touched);
  }
  clear_watch(hit);
  attach_interrupted_thread();
  const BlockedSignals blocked;
  on_handler_stack([&] {
    if (!is_told(watched) && !is_in_told_call()) report_touch(touched, stopped, context);
    if (touched.is_write) checked_heap().mark_told(watched.place);
  });
  end_watch(hit);
  return true;
}

}  // namespace memoir
