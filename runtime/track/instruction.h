#pragma once

// How long an instruction of x86-64 is, and how it finds its operand in memory: as much
// as is needed to know which one a breakpoint stopped behind, and by which register a bad
// address came.
//
// Thread safety: pure functions of their arguments.

#include <cstddef>
#include <cstdint>

namespace memoir {

struct Instruction {
  static constexpr std::uint8_t kNone = 0xff;

  std::uint8_t bytes = 0;  // 0: none that is known
  std::uint8_t map = 0;    // 1: one byte, 2: 0f, 3: 0f38, 4: 0f3a
  std::uint8_t opcode = 0;
  std::uint8_t modrm = 0;
  bool has_modrm = false;
  bool is_string = false;      // through rsi or rdi, or both
  bool is_repeated = false;    // rep, repne
  bool is_masked = false;      // leaves out parts of its operand
  bool is_by_segment = false;  // fs or gs: an address that registers do not tell
  // The operand in memory; numbers of registers as the processor has them, 0: rax.
  bool has_memory = false;
  std::uint8_t base = kNone;
  std::uint8_t index = kNone;
  std::uint8_t scale_log2 = 0;
  bool is_relative = false;  // to the next instruction
  std::int32_t displacement = 0;
  std::uint8_t rm_high = 0;  // 8: of the upper registers

  std::uint8_t group() const { return modrm >> 3 & 7; }
  // The operand that is a register, where it is none in memory.
  std::uint8_t rm() const { return static_cast<std::uint8_t>((modrm & 7) | rm_high); }
};

inline constexpr std::size_t kMostInstructionBytes = 15;

Instruction decode_instruction(const std::uint8_t* code, std::size_t size);

// How many bytes the last instruction before the end of `code` has; 0 where that cannot
// be told. `code` holds what stands before, from anywhere: from most places in it one
// comes to the same instructions.
std::size_t last_instruction(const std::uint8_t* code, std::size_t size);

}  // namespace memoir
