#include "track/access_size.h"

#include "base/careful_read.h"
#include "base/pages.h"

namespace memoir {
namespace {

constexpr std::size_t kMostInstruction = 15;

struct Prefixes {
  bool operand16 = false;
  bool repeat = false;      // f3
  bool repeat_not = false;  // f2
  bool wide = false;        // REX.W
};

// The operand of an instruction whose lowest bit tells bytes from words.
std::uint32_t operand_size(const Prefixes& prefixes, bool is_byte) {
  if (is_byte) return 1;
  return prefixes.wide ? 8 : prefixes.operand16 ? 2 : 4;
}

std::uint32_t size_of_one_byte_opcode(std::uint8_t opcode, const Prefixes& prefixes) {
  // Arithmetic: eight groups of add, or, adc ... with registers and memory.
  const bool is_arithmetic = opcode < 0x40 && (opcode & 7) < 4;
  const bool is_move = opcode >= 0x84 && opcode <= 0x8b;  // test, xchg, mov
  const bool is_group = (opcode >= 0x80 && opcode <= 0x83) || opcode == 0xc6 ||
                        opcode == 0xc7 || opcode == 0xf6 || opcode == 0xf7 ||
                        opcode == 0xc0 || opcode == 0xc1 ||
                        (opcode >= 0xd0 && opcode <= 0xd3);
  const bool is_string = (opcode >= 0xa4 && opcode <= 0xa7) || opcode == 0xaa ||
                         (opcode >= 0xab && opcode <= 0xaf);
  if (is_arithmetic || is_move || is_group || is_string) {
    return operand_size(prefixes, (opcode & 1) == 0);
  }
  if (opcode == 0x63) return 4;  // movslq
  if (opcode == 0x69 || opcode == 0x6b) return operand_size(prefixes, false);
  return 0;
}

std::uint32_t size_of_two_byte_opcode(std::uint8_t opcode, const Prefixes& prefixes) {
  switch (opcode) {
    case 0xb6:  // movzx, movsx
    case 0xbe:
      return 1;
    case 0xb7:
    case 0xbf:
      return 2;
    case 0x10:  // movups, movss, movsd
    case 0x11:
    case 0x51:  // sqrt and arithmetic
    case 0x58:
    case 0x59:
    case 0x5c:
    case 0x5e:
      return prefixes.repeat ? 4 : prefixes.repeat_not ? 8 : 16;
    case 0x28:  // movaps
    case 0x29:
    case 0xe7:  // movntdq
      return 16;
    case 0x6f:  // movq, movdqa, movdqu
    case 0x7f:
      return prefixes.operand16 || prefixes.repeat ? 16 : 8;
    case 0x7e:  // movd, movq
    case 0x6e:
      return prefixes.repeat || prefixes.wide ? 8 : 4;
    case 0xd6:
    case 0x12:  // movlps, movhps
    case 0x13:
    case 0x16:
    case 0x17:
      return 8;
    case 0xb0:  // cmpxchg, xadd
    case 0xc0:
      return 1;
    case 0xaf:
    case 0xb1:
    case 0xc1:
    case 0xc3:
      return operand_size(prefixes, false);
    default:
      return 0;
  }
}

// Moves of vectors with a VEX prefix: c5 of two bytes, c4 of three.
std::uint32_t size_of_vex(const std::uint8_t* code, std::size_t size) {
  const bool is_long = code[0] == 0xc4;
  if (size < (is_long ? 4u : 3u)) return 0;
  const std::uint8_t bits = code[is_long ? 2 : 1];
  const std::uint8_t opcode = code[is_long ? 3 : 2];
  if (is_long && (code[1] & 31) != 1) return 0;  // not of the two-byte opcodes
  const std::uint32_t whole = (bits & 4) != 0 ? 32 : 16;
  Prefixes prefixes;
  prefixes.operand16 = (bits & 3) == 1;
  prefixes.repeat = (bits & 3) == 2;
  prefixes.repeat_not = (bits & 3) == 3;
  prefixes.wide = is_long && (bits & 0x80) != 0;
  const std::uint32_t plain = size_of_two_byte_opcode(opcode, prefixes);
  return plain == 16 ? whole : plain;
}

}  // namespace

std::uint32_t decode_access_size(const std::uint8_t* code, std::size_t size) {
  Prefixes prefixes;
  std::size_t i = 0;
  for (; i < size; ++i) {
    const std::uint8_t byte = code[i];
    if (byte == 0x66) {
      prefixes.operand16 = true;
    } else if (byte == 0xf3) {
      prefixes.repeat = true;
    } else if (byte == 0xf2) {
      prefixes.repeat_not = true;
    } else if (byte != 0xf0 && byte != 0x2e && byte != 0x36 && byte != 0x3e &&
               byte != 0x26 && byte != 0x64 && byte != 0x65) {
      break;
    }
  }
  if (i < size && (code[i] & 0xf0) == 0x40) prefixes.wide = (code[i++] & 8) != 0;
  if (i >= size) return 0;
  if (code[i] == 0xc4 || code[i] == 0xc5) return size_of_vex(code + i, size - i);
  if (code[i] != 0x0f) return size_of_one_byte_opcode(code[i], prefixes);
  return i + 1 < size ? size_of_two_byte_opcode(code[i + 1], prefixes) : 0;
}

std::uint32_t size_of_access(std::uint64_t pc) {
  std::uint8_t code[kMostInstruction];
  std::size_t size = sizeof code;
  if (read_carefully(pc, code, size) != CarefulRead::kRead) {
    size = kPageSize - pc % kPageSize;  // the rest of its page, then
    if (size >= sizeof code) return 0;
    if (read_carefully(pc, code, size) != CarefulRead::kRead) return 0;
  }
  return decode_access_size(code, size);
}

}  // namespace memoir
