#pragma once

// What a signal handler sees of the code it interrupted: registers, and the instruction
// that was at work.
//
// Thread safety and signals: in the handler, on what the kernel gave it.

#include <ucontext.h>

#include <cstdint>

#include "track/instruction.h"
#include "unwind/frame_rule.h"

namespace memoir {

// For a walk of its stack.
FrameRegisters registers_of(const ucontext_t& context);

// By the processor's number: 0 is rax. 0 for Instruction::kNone.
std::uint64_t register_value(const ucontext_t& context, std::uint8_t number);

// The thread gets its number, and a ring, while it still stands on a stack of its own.
void attach_interrupted_thread();

// The instruction at an address, and the one that ends there; none where it cannot be
// read.
Instruction instruction_at(std::uint64_t pc);
Instruction instruction_before(std::uint64_t end);

// Where the operand in memory of an instruction at `pc` lies, as the registers are now.
// False where it has none, or one that registers do not tell.
bool operand_address(const ucontext_t& context, const Instruction& instruction,
                     std::uint64_t pc, std::uint64_t& address);

// A breakpoint on data stops behind the instruction that has touched `bytes` at
// `address`: which that was, and the stack pointer it began with. Where it cannot be
// told, `pc` is inside of it, and `bytes` of `instruction` are 0.
struct StoppedAt {
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  Instruction instruction;
};
StoppedAt find_stopped(const ucontext_t& context, std::uint64_t address,
                       std::uint64_t bytes);

}  // namespace memoir
