#include "track/fault_signal.h"

#include <ucontext.h>

#include <cerrno>

#include "base/blocked_signals.h"
#include "heap/guard_fault.h"
#include "track/access_size.h"
#include "track/bad_address.h"
#include "track/breakpoint_fault.h"
#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/guards.h"
#include "track/handler_stack.h"
#include "track/interrupted_code.h"
#include "track/library_access.h"
#include "track/recording.h"
#include "track/tracker.h"

namespace memoir {
namespace {

// Of the error code of a page fault.
constexpr std::uint64_t kWasWrite = 2;
constexpr std::uint64_t kWasFetch = 16;
constexpr std::uint64_t kPageFault = 14;  // the number of the trap

// An instruction that faults at the same place again and again cannot be helped.
constexpr std::uint32_t kMostAgain = 4;

struct LastFault {
  std::uint64_t pc = 0;
  std::uint64_t address = 0;
  std::uint32_t again = 0;
};
MEMOIR_THREAD_LOCAL LastFault t_last_fault;

bool goes_round(std::uint64_t pc, std::uint64_t address) {
  LastFault& last = t_last_fault;
  const bool again = last.pc == pc && last.address == address;
  last = {pc, address, again ? last.again + 1 : 0};
  return last.again >= kMostAgain;
}

void report_touch(const TouchedGuard& touched, std::uint64_t address,
                  const FrameRegisters& registers, std::uint64_t error) {
  FaultRecord record;
  record.kind = touched.kind;
  record.access = (error & kWasWrite) != 0 ? FaultAccess::kWrite : FaultAccess::kRead;
  record.flags = kFaultByGuard;
  record.address = address;
  record.size = size_of_access(registers.pc);
  record.stack = walk_interrupted_stack(registers);
  describe_block(record, touched.block);
  GuardPolicy& guards = checked_heap().guards();
  if (guards.is_pinned(touched.block.alloc_stack)) record.flags |= kFaultPinned;
  guards.blame(touched.block.alloc_stack, touched.kind);
  report_fault(record, reinterpret_cast<const void*>(registers.sp));
  // What the same write does to the canary between the block and the guard is not
  // another.
  if (record.access == FaultAccess::kWrite) {
    if (touched.place.is != AddressIs::kForeign) checked_heap().mark_told(touched.place);
  }
}

// True when the access was to a guard of the heap's, and can be done now.
bool is_guard_touched(const siginfo_t& info, const ucontext_t& context) {
  const auto& registers = context.uc_mcontext.gregs;
  const bool is_page_fault = info.si_code == SEGV_MAPERR || info.si_code == SEGV_ACCERR;
  if (!is_page_fault || registers[REG_TRAPNO] != kPageFault || !serves_blocks()) {
    return false;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(info.si_addr);
  const auto error = static_cast<std::uint64_t>(registers[REG_ERR]);
  const bool is_write = (error & kWasWrite) != 0;
  const TouchedGuard touched = find_touched_guard(checked_heap(), address, is_write);
  if (touched.kind == FaultKind::kNone) return false;
  const FrameRegisters interrupted = registers_of(context);
  if (goes_round(interrupted.pc, address)) return false;
  attach_interrupted_thread();
  bool is_open = false;
  {
    const BlockedSignals blocked;
    on_handler_stack([&] {
      if (!touched.is_told && !is_in_told_call()) {
        report_touch(touched, address, interrupted, error);
      }
      is_open =
          (error & kWasFetch) == 0 && open_guard_page(checked_heap(), touched, address);
    });
  }
  return is_open;
}

void look_at_all_blocks(const ucontext_t& context) {
  attach_interrupted_thread();
  const BlockedSignals blocked;
  on_handler_stack([&] { check_blocks_at_signal(registers_of(context)); });
}

// What happens where nobody handles the signal: it comes again when the handler returns,
// and the kernel does as ever, with the registers of the program.
void end_by(int signal, siginfo_t* info, ucontext_t& context) {
  look_at_all_blocks(context);
  std::uint64_t bit = std::uint64_t{1} << (signal - 1);
  raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, &bit, 0, sizeof bit);
  surrender_signal(signal);
  sigdelset(&context.uc_sigmask, signal);
  const long pid = raw_syscall(SYS_getpid);
  const long thread = raw_syscall(SYS_gettid);
  if (raw_syscall(SYS_rt_tgsigqueueinfo, pid, thread, signal, info) != 0) {
    raw_syscall(SYS_tgkill, pid, thread, signal);
  }
}

bool is_sent(const siginfo_t& info) { return info.si_code <= 0; }

// A SIGSEGV that somebody sent while the program has it blocked: it waits until the
// program lets it in.
void hold_back(siginfo_t* info, ucontext_t& context) {
  sigaddset(&context.uc_sigmask, SIGSEGV);
  std::uint64_t bit = std::uint64_t{1} << (SIGSEGV - 1);
  raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, &bit, 0, sizeof bit);
  raw_syscall(SYS_rt_tgsigqueueinfo, raw_syscall(SYS_getpid), raw_syscall(SYS_gettid),
              SIGSEGV, info);
}

// The program's handler, as the kernel would have called it.
void call_handler(const Disposition& disposition, int signal, siginfo_t* info,
                  ucontext_t& context) {
  context.uc_sigmask = mask_for_program(context.uc_sigmask);
  reinterpret_cast<SignalHandler>(disposition.handler)(signal, info, &context);
  context.uc_sigmask = mask_for_kernel(context.uc_sigmask);
}

void pass_on(int signal, siginfo_t* info, ucontext_t& context) {
  const bool sent = is_sent(*info);
  if (signal == SIGSEGV && blocks_segv(context.uc_sigmask)) {
    return sent ? hold_back(info, context) : end_by(signal, info, context);
  }
  const Disposition disposition = program_disposition(signal);
  if (disposition.is_ignored() && sent) return;
  if (disposition.is_default() || disposition.is_ignored()) {
    return end_by(signal, info, context);
  }
  if ((disposition.flags & static_cast<int>(SA_RESETHAND)) != 0) {
    reset_disposition(signal);
  }
  call_handler(disposition, signal, info, context);
  // abort() ends the process now.
  if (signal == SIGABRT && sent) look_at_all_blocks(context);
}

void on_signal(int signal, siginfo_t* info, void* context_at) {
  auto& context = *static_cast<ucontext_t*>(context_at);
  const int saved_errno = errno;
  const bool goes_on = (signal == SIGSEGV && is_guard_touched(*info, context)) ||
                       (signal == SIGTRAP && handle_breakpoint(*info, context));
  if (!goes_on) tell_of_bad_address(signal, *info, context);
  errno = saved_errno;
  if (goes_on) return;
  pass_on(signal, info, context);
}

}  // namespace

void start_handling_faults(const SignalFunctions& functions) {
  if (!serves_blocks()) return;
  make_handler_stacks();
  take_signals(functions, on_signal);
  start_guards();
}

}  // namespace memoir
