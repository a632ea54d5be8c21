#include "track/bad_address.h"

#include "base/blocked_signals.h"
#include "base/careful_read.h"
#include "heap/redzone.h"
#include "track/access_size.h"
#include "track/checked_allocator.h"
#include "track/fault_report.h"
#include "track/handler_stack.h"
#include "track/interrupted_code.h"
#include "track/recording.h"

namespace memoir {
namespace {

// Numbers of the processor's traps: what an address that is none leads to, through the
// stack's registers or any other.
constexpr long kStackFault = 12;
constexpr long kGeneralProtection = 13;

// Members of what the pointer points to.
constexpr std::uint64_t kMostAway = 65536;

bool is_made_of(std::uint64_t pattern, std::uint64_t value) {
  return value - pattern < kMostAway || pattern - value < kMostAway;
}

FaultKind kind_of(std::uint64_t value) {
  if (is_made_of(kFreedPattern, value)) return FaultKind::kUseAfterFree;
  if (is_made_of(kFreshPattern, value)) return FaultKind::kUninitializedUse;
  return FaultKind::kNone;
}

bool is_jump(const Instruction& made) {
  return made.map == 1 && made.opcode == 0xff && (made.group() == 2 || made.group() == 4);
}

struct BadAddress {
  FaultKind kind = FaultKind::kNone;
  std::uint64_t address = 0;
  bool is_jump = false;
};

// The operand itself is in order: it may hold the address that a call or a jump goes to.
BadAddress find_bad_target(const Instruction& made, std::uint64_t operand) {
  std::uint64_t target = 0;
  if (!is_jump(made)) return {};
  if (read_carefully(operand, &target, sizeof target) != CarefulRead::kRead) return {};
  return {kind_of(target), target, true};
}

BadAddress find_bad_address(const ucontext_t& context, const Instruction& made,
                            std::uint64_t pc) {
  constexpr std::uint8_t kSource = 6;
  constexpr std::uint8_t kTarget = 7;
  if (made.is_string) {
    for (const std::uint8_t number : {kSource, kTarget}) {
      const std::uint64_t value = register_value(context, number);
      if (kind_of(value) != FaultKind::kNone) return {kind_of(value), value, false};
    }
    return {};
  }
  std::uint64_t operand = 0;
  if (operand_address(context, made, pc, operand)) {
    constexpr unsigned kAddressBits = 47;
    const std::int64_t top = static_cast<std::int64_t>(operand) >> kAddressBits;
    if (top == 0 || top == -1) return find_bad_target(made, operand);
    for (const std::uint8_t number : {made.base, made.index}) {
      if (number == Instruction::kNone) continue;
      const FaultKind kind = kind_of(register_value(context, number));
      if (kind != FaultKind::kNone) return {kind, operand, false};
    }
    return {};
  }
  if (!is_jump(made) || made.has_memory) return {};
  const std::uint64_t target = register_value(context, made.rm());
  return {kind_of(target), target, true};
}

// A call that has come to such an address already, by the processor's way: the caller is
// whom the return address names.
bool find_bad_call(FrameRegisters& registers, BadAddress& bad) {
  bad = {kind_of(registers.pc), registers.pc, true};
  if (bad.kind == FaultKind::kNone) return false;
  std::uint64_t back = 0;
  if (read_carefully(registers.sp, &back, sizeof back) != CarefulRead::kRead)
    return false;
  const Instruction call = instruction_before(back);
  if (!is_jump(call) || call.group() != 2) return false;
  registers.pc = back - call.bytes;
  registers.sp += sizeof back;
  return true;
}

// What moves tell; what computes reads at least.
FaultAccess access_of(const Instruction& made) {
  if (made.is_string) return FaultAccess::kUnknown;
  const std::uint8_t op = made.opcode;
  const bool writes =
      made.map == 1
          ? op == 0x88 || op == 0x89 || op == 0xc6 || op == 0xc7
          : made.map == 2 && (op == 0x11 || op == 0x29 || op == 0x7f || op == 0xe7 ||
                              op == 0xd6 || op == 0x13 || op == 0x17);
  return writes ? FaultAccess::kWrite : FaultAccess::kRead;
}

}  // namespace

void tell_of_bad_address(int signal, const siginfo_t& info, const ucontext_t& context) {
  const bool may_be = (signal == SIGSEGV || signal == SIGBUS) && serves_blocks() &&
                      info.si_code == SI_KERNEL;
  const long trap = static_cast<long>(context.uc_mcontext.gregs[REG_TRAPNO]);
  if (!may_be || (trap != kGeneralProtection && trap != kStackFault)) return;
  FrameRegisters registers = registers_of(context);
  BadAddress bad;
  Instruction made;
  if (!find_bad_call(registers, bad)) {
    made = instruction_at(registers.pc);
    if (made.bytes == 0) return;
    bad = find_bad_address(context, made, registers.pc);
    if (bad.kind == FaultKind::kNone) return;
  }
  attach_interrupted_thread();
  const BlockedSignals blocked;
  on_handler_stack([&] {
    FaultRecord record;
    record.kind = bad.kind;
    record.access = bad.is_jump ? FaultAccess::kUnknown : access_of(made);
    record.flags = kFaultFillPattern;
    record.address = bad.address;
    if (!bad.is_jump && !made.is_string) record.size = size_of_access(registers.pc);
    record.stack = walk_interrupted_stack(registers);
    report_fault(record, reinterpret_cast<const void*>(registers.sp));
  });
}

}  // namespace memoir
