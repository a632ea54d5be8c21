#include "track/interrupted_code.h"

#include "base/careful_read.h"
#include "base/pages.h"
#include "track/recording.h"

namespace memoir {
namespace {

// As the processor numbers them.
constexpr int kRegisters[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15};
constexpr std::uint64_t kWidestOperand = 64;
constexpr std::uint64_t kStringReach = 256;  // how far string instructions get ahead
constexpr std::size_t kMostCode = 64;

bool is_call_through_memory(const Instruction& made) {
  return made.map == 1 && made.opcode == 0xff && made.group() == 2 && made.has_memory;
}

// How far the instruction has moved the stack pointer.
std::int64_t moved_stack(const Instruction& made) {
  if (made.map != 1 || !made.has_memory) return 0;
  if (made.opcode == 0xff && made.group() == 6) return -8;  // push
  return made.opcode == 0x8f ? 8 : 0;                       // pop
}

bool is_near(std::uint64_t operand, std::uint64_t address, std::uint64_t bytes,
             std::uint64_t reach) {
  return operand < address + bytes + reach && address < operand + reach;
}

}  // namespace

FrameRegisters registers_of(const ucontext_t& context) {
  const auto& registers = context.uc_mcontext.gregs;
  return {static_cast<std::uint64_t>(registers[REG_RIP]),
          static_cast<std::uint64_t>(registers[REG_RSP]),
          static_cast<std::uint64_t>(registers[REG_RBP])};
}

std::uint64_t register_value(const ucontext_t& context, std::uint8_t number) {
  if (number >= 16) return 0;
  return static_cast<std::uint64_t>(context.uc_mcontext.gregs[kRegisters[number]]);
}

void attach_interrupted_thread() {
  if (is_recording() && t_thread.number == 0) attach_thread(false);
}

Instruction instruction_at(std::uint64_t pc) {
  std::uint8_t code[kMostInstructionBytes];
  std::size_t size = sizeof code;
  if (read_carefully(pc, code, size) != CarefulRead::kRead) {
    size = kPageSize - pc % kPageSize;  // the rest of its page, then
    if (size >= sizeof code) return {};
    if (read_carefully(pc, code, size) != CarefulRead::kRead) return {};
  }
  return decode_instruction(code, size);
}

Instruction instruction_before(std::uint64_t end) {
  std::uint8_t code[kMostCode];
  std::size_t size = kMostCode;
  if (read_carefully(end - size, code, size) != CarefulRead::kRead) {
    size = end % kPageSize;
    if (size > kMostCode) size = kMostCode;
    if (size == 0) return {};
    if (read_carefully(end - size, code, size) != CarefulRead::kRead) return {};
  }
  const std::size_t bytes = last_instruction(code, size);
  return decode_instruction(code + size - bytes, bytes);
}

bool operand_address(const ucontext_t& context, const Instruction& instruction,
                     std::uint64_t pc, std::uint64_t& address) {
  if (!instruction.has_memory || instruction.is_by_segment) return false;
  address = static_cast<std::uint64_t>(std::int64_t{instruction.displacement});
  if (instruction.is_relative) {
    address += pc + instruction.bytes;
    return true;
  }
  address += register_value(context, instruction.base);
  address += register_value(context, instruction.index) << instruction.scale_log2;
  return true;
}

StoppedAt find_stopped(const ucontext_t& context, std::uint64_t address,
                       std::uint64_t bytes) {
  const FrameRegisters now = registers_of(context);
  const auto touches = [&](const Instruction& made, std::uint64_t pc) {
    std::uint64_t operand = 0;
    return operand_address(context, made, pc, operand) &&
           is_near(operand, address, bytes, kWidestOperand);
  };
  const Instruction before = instruction_before(now.pc);
  StoppedAt stopped{now.pc - before.bytes, now.sp, before};
  stopped.sp -= static_cast<std::uint64_t>(moved_stack(before));
  if (touches(before, stopped.pc)) return stopped;
  // One that is repeated stops at itself, until it is done.
  const Instruction here = instruction_at(now.pc);
  const std::uint64_t count = register_value(context, 1);
  if (here.is_string && here.is_repeated && count != 0 &&
      (is_near(register_value(context, 7), address, bytes, kStringReach) ||
       is_near(register_value(context, 6), address, bytes, kStringReach))) {
    return {now.pc, now.sp, here};
  }
  // A call through memory stops at what was called.
  std::uint64_t back = 0;
  if (read_carefully(now.sp, &back, sizeof back) == CarefulRead::kRead) {
    const Instruction call = instruction_before(back);
    if (is_call_through_memory(call) && touches(call, back - call.bytes)) {
      return {back - call.bytes, now.sp + sizeof back, call};
    }
  }
  if (before.has_memory || before.is_string) return stopped;
  return {now.pc - 1, now.sp, {}};
}

}  // namespace memoir
