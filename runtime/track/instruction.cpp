#include "track/instruction.h"

namespace memoir {
namespace {

// What follows an opcode. `z`: two or four bytes, by the size of operands.
enum class Follows : std::uint8_t {
  kNothing,
  kImm8,
  kImm16,
  kImmZ,
  kImm24,  // enter
  kImmV,   // mov to a register: up to eight
  kOffset,
  kModrm,
  kModrmImm8,
  kModrmImmZ,
  kModrmTest,  // group 3: an immediate for test only
  kInvalid,
};

class Decoder {
 public:
  Decoder(const std::uint8_t* code, std::size_t size)
      : code_(code), size_(size < kMostInstructionBytes ? size : kMostInstructionBytes) {}

  Instruction run() {
    read_prefixes();
    if (at_ >= size_) return {};
    const std::uint8_t first = code_[at_];
    const Follows follows = first == 0xc4 || first == 0xc5 || first == 0x62
                                ? read_vector_prefix()
                                : read_opcode();
    if (follows == Follows::kInvalid || !read_rest(follows) || at_ > size_) return {};
    made_.bytes = static_cast<std::uint8_t>(at_);
    return made_;
  }

 private:
  void read_prefixes() {
    for (; at_ < size_; ++at_) {
      const std::uint8_t byte = code_[at_];
      if (byte == 0x66) {
        short_operand_ = true;
      } else if (byte == 0x67) {
        short_address_ = true;
      } else if (byte == 0xf2 || byte == 0xf3) {
        made_.is_repeated = true;
      } else if (byte == 0x64 || byte == 0x65) {
        made_.is_by_segment = true;
      } else if (byte != 0xf0 && byte != 0x2e && byte != 0x36 && byte != 0x3e &&
                 byte != 0x26) {
        break;
      }
    }
    if (at_ < size_ && (code_[at_] & 0xf0) == 0x40) rex_ = code_[at_++];
  }

  // VEX and EVEX: three maps, and hardly an immediate.
  Follows read_vector_prefix() {
    const std::uint8_t kind = code_[at_];
    const std::size_t bytes = kind == 0xc5 ? 2 : kind == 0xc4 ? 3 : 4;
    if (at_ + bytes >= size_) return Follows::kInvalid;
    const std::uint8_t bits = code_[at_ + 1];
    rex_ = static_cast<std::uint8_t>((bits & 0x80) != 0 ? 0 : 4);
    std::uint8_t map = 1;
    if (kind != 0xc5) {
      rex_ |= static_cast<std::uint8_t>(((bits & 0x40) != 0 ? 0 : 2) |
                                        ((bits & 0x20) != 0 ? 0 : 1));
      map = bits & (kind == 0xc4 ? 31 : 7);
    }
    made_.map = static_cast<std::uint8_t>(map + 1);
    is_scaled_ = kind == 0x62;
    if (kind == 0x62) made_.is_masked = (code_[at_ + 3] & 7) != 0;
    at_ += bytes;
    made_.opcode = code_[at_++];
    if (map == 2 && kind == 0xc4) {
      made_.is_masked = (made_.opcode >= 0x2c && made_.opcode <= 0x2f) ||
                        made_.opcode == 0x8c || made_.opcode == 0x8e;
    }
    if (map < 1 || map > 3) return map == 0 ? Follows::kInvalid : Follows::kModrm;
    if (map == 3) return Follows::kModrmImm8;
    if (map == 2) return Follows::kModrm;
    if (made_.opcode == 0x77) return Follows::kNothing;  // vzeroupper
    return has_imm8(made_.opcode) ? Follows::kModrmImm8 : Follows::kModrm;
  }

  // Of the two-byte opcodes with an operand.
  static bool has_imm8(std::uint8_t opcode) {
    return (opcode >= 0x70 && opcode <= 0x73) || opcode == 0xa4 || opcode == 0xac ||
           opcode == 0xba || opcode == 0xc2 || (opcode >= 0xc4 && opcode <= 0xc6) ||
           opcode == 0x0f;
  }

  Follows read_opcode() {
    made_.map = 1;
    made_.opcode = code_[at_++];
    if (made_.opcode != 0x0f) return one_byte(made_.opcode);
    if (at_ >= size_) return Follows::kInvalid;
    made_.map = 2;
    made_.opcode = code_[at_++];
    if (made_.opcode != 0x38 && made_.opcode != 0x3a) return two_bytes(made_.opcode);
    const bool has_imm = made_.opcode == 0x3a;
    if (at_ >= size_) return Follows::kInvalid;
    made_.map = has_imm ? 4 : 3;
    made_.opcode = code_[at_++];
    return has_imm ? Follows::kModrmImm8 : Follows::kModrm;
  }

  Follows one_byte(std::uint8_t op) {
    using enum Follows;
    if (op < 0x40) {
      const int low = op & 7;
      return low < 4 ? kModrm : low == 4 ? kImm8 : low == 5 ? kImmZ : kInvalid;
    }
    if (op >= 0x50 && op < 0x60) return kNothing;
    if (op >= 0x70 && op < 0x80) return kImm8;
    if (op >= 0x84 && op < 0x90) return kModrm;
    if (op >= 0x90 && op < 0xa0) return op == 0x9a ? kInvalid : kNothing;
    if (op >= 0xb0 && op < 0xb8) return kImm8;
    if (op >= 0xb8 && op < 0xc0) return kImmV;
    if (op >= 0xd8 && op < 0xe0) return kModrm;
    if ((op >= 0xa4 && op < 0xa8) || (op >= 0xaa && op < 0xb0)) {
      made_.is_string = true;
      return kNothing;
    }
    switch (op) {
      case 0x63:
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
      case 0xfe:
      case 0xff:
        return kModrm;
      case 0x68:
      case 0xa9:
      case 0xe8:
      case 0xe9:
        return kImmZ;
      case 0x69:
      case 0x81:
      case 0xc7:
        return kModrmImmZ;
      case 0x6b:
      case 0x80:
      case 0x83:
      case 0xc0:
      case 0xc1:
      case 0xc6:
        return kModrmImm8;
      case 0x6a:
      case 0xa8:
      case 0xcd:
      case 0xeb:
      case 0xe0:
      case 0xe1:
      case 0xe2:
      case 0xe3:
      case 0xe4:
      case 0xe5:
      case 0xe6:
      case 0xe7:
        return kImm8;
      case 0xa0:
      case 0xa1:
      case 0xa2:
      case 0xa3:
        return kOffset;
      case 0xc2:
      case 0xca:
        return kImm16;
      case 0xc8:
        return kImm24;
      case 0xf6:
      case 0xf7:
        return kModrmTest;
      case 0x6c:
      case 0x6d:
      case 0x6e:
      case 0x6f:
      case 0xc3:
      case 0xc9:
      case 0xcb:
      case 0xcc:
      case 0xcf:
      case 0xd7:
      case 0xec:
      case 0xed:
      case 0xee:
      case 0xef:
      case 0xf1:
      case 0xf4:
      case 0xf5:
      case 0xf8:
      case 0xf9:
      case 0xfa:
      case 0xfb:
      case 0xfc:
      case 0xfd:
        return kNothing;
      default:
        return kInvalid;
    }
  }

  static Follows two_bytes(std::uint8_t op) {
    using enum Follows;
    if (op >= 0x80 && op < 0x90) return kImmZ;
    if ((op >= 0x30 && op < 0x38) || (op >= 0xc8 && op < 0xd0)) return kNothing;
    switch (op) {
      case 0x05:
      case 0x06:
      case 0x07:
      case 0x08:
      case 0x09:
      case 0x0b:
      case 0x0e:
      case 0x77:
      case 0xa0:
      case 0xa1:
      case 0xa2:
      case 0xa8:
      case 0xa9:
      case 0xaa:
        return kNothing;
      case 0x04:
      case 0x0a:
      case 0x0c:
      case 0x24:
      case 0x25:
      case 0x26:
      case 0x27:
      case 0x39:
      case 0x3b:
      case 0x3c:
      case 0x3d:
      case 0x3e:
      case 0x3f:
        return kInvalid;
      default:
        return has_imm8(op) ? kModrmImm8 : kModrm;
    }
  }

  bool read_rest(Follows follows) {
    const bool wide = (rex_ & 8) != 0;
    const std::size_t z = short_operand_ && !wide ? 2 : 4;
    switch (follows) {
      case Follows::kImm8:
        at_ += 1;
        return true;
      case Follows::kImm16:
        at_ += 2;
        return true;
      case Follows::kImmZ:
        at_ += is_near_branch() ? 4 : z;
        return true;
      case Follows::kImm24:
        at_ += 3;
        return true;
      case Follows::kImmV:
        at_ += wide ? 8 : z;
        return true;
      case Follows::kOffset:
        at_ += short_address_ ? 4 : 8;
        return true;
      case Follows::kModrm:
        return read_modrm();
      case Follows::kModrmImm8:
        return read_modrm() && (at_ += 1) != 0;
      case Follows::kModrmImmZ:
        return read_modrm() && (at_ += z) != 0;
      case Follows::kModrmTest:
        if (!read_modrm()) return false;
        if (made_.group() < 2) at_ += made_.opcode == 0xf6 ? 1 : z;
        return true;
      case Follows::kNothing:
        return true;
      case Follows::kInvalid:
        break;
    }
    return false;
  }

  bool is_near_branch() const {
    return made_.map == 2 || made_.opcode == 0xe8 || made_.opcode == 0xe9;
  }

  bool read_modrm() {
    if (at_ >= size_) return false;
    made_.has_modrm = true;
    made_.modrm = code_[at_++];
    made_.rm_high = (rex_ & 1) != 0 ? 8 : 0;
    const unsigned mode = made_.modrm >> 6;
    const unsigned low = made_.modrm & 7;
    if (mode == 3) return true;
    made_.has_memory = true;
    std::size_t displacement = mode == 1 ? 1 : mode == 2 ? 4 : 0;
    if (low == 4) {
      if (at_ >= size_) return false;
      const std::uint8_t sib = code_[at_++];
      const unsigned index = (sib >> 3 & 7) | (rex_ & 2) << 2;
      if (index != 4) made_.index = static_cast<std::uint8_t>(index);
      made_.scale_log2 = sib >> 6;
      if ((sib & 7) == 5 && mode == 0) {
        displacement = 4;
      } else {
        made_.base = static_cast<std::uint8_t>((sib & 7) | (rex_ & 1) << 3);
      }
    } else if (low == 5 && mode == 0) {
      made_.is_relative = true;
      displacement = 4;
    } else {
      made_.base = static_cast<std::uint8_t>(low | (rex_ & 1) << 3);
    }
    return read_displacement(displacement);
  }

  bool read_displacement(std::size_t bytes) {
    if (at_ + bytes > size_) return false;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value |= std::uint32_t{code_[at_ + i]} << 8 * i;
    if (bytes == 1) {
      // EVEX counts in sizes of the operand: not known here, and not needed.
      made_.displacement = is_scaled_ ? 0 : static_cast<std::int8_t>(value);
    } else {
      made_.displacement = static_cast<std::int32_t>(value);
    }
    at_ += bytes;
    return true;
  }

  const std::uint8_t* code_;
  std::size_t size_;
  std::size_t at_ = 0;
  Instruction made_;
  std::uint8_t rex_ = 0;
  bool short_operand_ = false;
  bool short_address_ = false;
  bool is_scaled_ = false;
};

}  // namespace

Instruction decode_instruction(const std::uint8_t* code, std::size_t size) {
  return Decoder(code, size).run();
}

std::size_t last_instruction(const std::uint8_t* code, std::size_t size) {
  constexpr std::size_t kMostPlaces = 64;
  const std::size_t places = size < kMostPlaces ? size : kMostPlaces;
  unsigned votes[kMostInstructionBytes + 1] = {};
  unsigned cast = 0;
  for (std::size_t back = places; back > 0; --back) {
    std::size_t at = size - back;
    std::size_t last = 0;
    while (at < size) {
      last = decode_instruction(code + at, size - at).bytes;
      if (last == 0) break;
      at += last;
    }
    if (last == 0) continue;
    ++votes[last];
    ++cast;
  }
  for (std::size_t bytes = 1; bytes <= kMostInstructionBytes; ++bytes) {
    if (votes[bytes] * 2 > cast) return bytes;
  }
  return 0;
}

}  // namespace memoir
