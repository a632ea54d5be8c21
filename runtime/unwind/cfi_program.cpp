#include "unwind/cfi_program.h"

#include <cstring>
#include <optional>

#include "unwind/cfi_reader.h"

namespace memoir {
namespace {

// DWARF numbers of the registers a walk carries, x86-64.
constexpr std::uint64_t kBpRegister = 6;
constexpr std::uint64_t kSpRegister = 7;
constexpr std::uint64_t kReturnRegister = 16;

constexpr std::uint8_t kOpDeref = 0x06;
constexpr std::uint8_t kOpBreg0 = 0x70;

enum class Saved : std::uint8_t { kSame, kUndefined, kAtCfa, kAtAddress, kBeyond };

// Where one register of the caller is. kAtAddress: `reg` + offset.
struct RegisterRule {
  Saved saved = Saved::kSame;
  std::uint64_t reg = 0;
  std::int64_t offset = 0;
};

struct Row {
  bool cfa_beyond = false;
  bool cfa_load = false;  // the CFA is the word at reg + offset
  std::uint64_t cfa_reg = kSpRegister;
  std::int64_t cfa_offset = 8;
  RegisterRule bp;
  RegisterRule ra{Saved::kAtCfa, 0, -8};

  RegisterRule* of(std::uint64_t reg) {
    if (reg == kBpRegister) return &bp;
    if (reg == kReturnRegister) return &ra;
    return nullptr;
  }
};

// What a common information entry says.
struct Cie {
  std::uint64_t code_factor = 1;
  std::int64_t data_factor = 1;
  std::uint8_t pointer_encoding = 0;
  bool is_signal_frame = false;
  bool has_augmentation_data = false;
  CfiReader program;
};

// What follows the length of an entry: a length that leads out of the bytes, or the
// 64-bit form, which nothing emits, is a failure.
CfiReader read_entry(CfiBytes bytes, const std::uint8_t* at) {
  CfiReader reader{at, bytes.end};
  if (!bytes.contain(at, 4)) {
    reader.fail();
    return reader;
  }
  const std::uint64_t length = reader.fixed(4);
  if (length > reader.left()) {
    reader.fail();
  } else {
    reader.end = reader.at + length;
  }
  return reader;
}

std::optional<Cie> read_cie(CfiBytes bytes, const std::uint8_t* at) {
  Cie cie;
  CfiReader reader = read_entry(bytes, at);
  reader.fixed(4);  // CIE id, 0
  const std::uint8_t version = reader.byte();
  const char* augmentation = reinterpret_cast<const char*>(reader.at);
  if (memchr(augmentation, '\0', reader.left()) == nullptr) return std::nullopt;
  reader.skip(strlen(augmentation) + 1);
  cie.code_factor = reader.uleb();
  cie.data_factor = reader.sleb();
  const std::uint64_t return_register = version == 1 ? reader.byte() : reader.uleb();
  if (return_register != kReturnRegister) return std::nullopt;
  if (*augmentation == 'z') {
    cie.has_augmentation_data = true;
    const std::uint64_t size = reader.uleb();
    CfiReader program = reader;
    program.skip(size);
    for (const char* letter = augmentation + 1; *letter != '\0'; ++letter) {
      if (*letter == 'R') {
        cie.pointer_encoding = reader.byte();
      } else if (*letter == 'P') {
        const std::uint8_t encoding = reader.byte();
        // Only skipped: never follow the indirection.
        reader.encoded_pointer(encoding & 0x7f, 0);
      } else if (*letter == 'L') {
        reader.byte();
      } else if (*letter == 'S') {
        cie.is_signal_frame = true;
      } else {
        break;
      }
    }
    if (reader.failed) return std::nullopt;
    reader = program;
  } else if (*augmentation != '\0') {
    return std::nullopt;
  }
  if (reader.failed) return std::nullopt;
  cie.program = reader;
  return cie;
}

// Reads a block that is "breg offset" or "breg offset, deref"; false for anything else.
bool read_address_block(CfiReader& reader, std::uint64_t& reg, std::int64_t& offset,
                        bool& load) {
  const std::uint64_t length = reader.uleb();
  CfiReader block = reader;
  reader.skip(length);
  if (reader.failed) return false;
  block.end = reader.at;
  if (block.done()) return false;
  const std::uint8_t op = block.byte();
  if (op < kOpBreg0 || op > kOpBreg0 + 31) return false;
  reg = static_cast<std::uint64_t>(op - kOpBreg0);
  offset = block.sleb();
  load = !block.done() && block.byte() == kOpDeref;
  return !block.failed && block.done() && (reg == kBpRegister || reg == kSpRegister);
}

class CfiMachine {
 public:
  CfiMachine(const Cie& cie, std::uint64_t location, std::uint64_t pc)
      : cie_(cie), location_(location), pc_(pc) {}

  // False when an instruction is not understood.
  bool run(CfiReader program) {
    while (!program.done() && location_ <= pc_) {
      if (!execute(program) || program.failed) return false;
    }
    return true;
  }
  void keep_initial() { initial_ = row_; }
  Row& row() { return row_; }

 private:
  static constexpr unsigned kRememberDepth = 16;

  // Wraps where nonsense is multiplied.
  std::int64_t factored(std::uint64_t offset) const {
    return static_cast<std::int64_t>(offset *
                                     static_cast<std::uint64_t>(cie_.data_factor));
  }
  void advance(std::uint64_t delta) { location_ += delta * cie_.code_factor; }

  void set(std::uint64_t reg, RegisterRule rule) {
    if (RegisterRule* known = row_.of(reg)) *known = rule;
  }

  bool execute(CfiReader& p) {
    const std::uint8_t op = p.byte();
    const std::uint64_t low = op & 0x3f;
    switch (op & 0xc0) {
      case 0x40:  // advance_loc
        advance(low);
        return true;
      case 0x80: {  // offset
        set(low, {Saved::kAtCfa, 0, factored(p.uleb())});
        return true;
      }
      case 0xc0:  // restore
        restore(low);
        return true;
      default:
        return execute_extended(op, p);
    }
  }

  void restore(std::uint64_t reg) {
    if (const RegisterRule* known = initial_.of(reg)) set(reg, *known);
  }

  bool execute_extended(std::uint8_t op, CfiReader& p) {
    switch (op) {
      case 0x00:  // nop
        return true;
      case 0x01:  // set_loc
        location_ = p.encoded_pointer(cie_.pointer_encoding, 0);
        return true;
      case 0x02:  // advance_loc1
        advance(p.fixed(1));
        return true;
      case 0x03:  // advance_loc2
        advance(p.fixed(2));
        return true;
      case 0x04:  // advance_loc4
        advance(p.fixed(4));
        return true;
      case 0x05: {  // offset_extended
        const std::uint64_t reg = p.uleb();
        set(reg, {Saved::kAtCfa, 0, factored(p.uleb())});
        return true;
      }
      case 0x06:  // restore_extended
        restore(p.uleb());
        return true;
      case 0x07:  // undefined
        set(p.uleb(), {Saved::kUndefined, 0, 0});
        return true;
      case 0x08:  // same_value
        set(p.uleb(), {Saved::kSame, 0, 0});
        return true;
      case 0x09: {  // register
        const std::uint64_t reg = p.uleb();
        p.uleb();
        set(reg, {Saved::kBeyond, 0, 0});
        return true;
      }
      case 0x0a:  // remember_state
        if (remembered_ == kRememberDepth) return false;
        stack_[remembered_++] = row_;
        return true;
      case 0x0b:  // restore_state
        if (remembered_ == 0) return false;
        row_ = stack_[--remembered_];
        return true;
      case 0x0c: {  // def_cfa
        const std::uint64_t reg = p.uleb();
        define_cfa(reg, static_cast<std::int64_t>(p.uleb()));
        return true;
      }
      case 0x0d:  // def_cfa_register
        define_cfa(p.uleb(), row_.cfa_offset);
        return true;
      case 0x0e:  // def_cfa_offset
        row_.cfa_offset = static_cast<std::int64_t>(p.uleb());
        return true;
      case 0x0f:  // def_cfa_expression
        row_.cfa_beyond =
            !read_address_block(p, row_.cfa_reg, row_.cfa_offset, row_.cfa_load);
        return true;
      case 0x10: {  // expression: the register is saved at the address
        const std::uint64_t reg = p.uleb();
        RegisterRule rule{Saved::kAtAddress, 0, 0};
        bool load = false;
        if (!read_address_block(p, rule.reg, rule.offset, load) || load) {
          rule.saved = Saved::kBeyond;
        }
        set(reg, rule);
        return true;
      }
      case 0x11: {  // offset_extended_sf
        const std::uint64_t reg = p.uleb();
        set(reg, {Saved::kAtCfa, 0, factored(static_cast<std::uint64_t>(p.sleb()))});
        return true;
      }
      case 0x12: {  // def_cfa_sf
        const std::uint64_t reg = p.uleb();
        define_cfa(reg, factored(static_cast<std::uint64_t>(p.sleb())));
        return true;
      }
      case 0x13:  // def_cfa_offset_sf
        row_.cfa_offset = factored(static_cast<std::uint64_t>(p.sleb()));
        return true;
      case 0x14:    // val_offset
      case 0x15: {  // val_offset_sf
        const std::uint64_t reg = p.uleb();
        p.uleb();
        set(reg, {Saved::kBeyond, 0, 0});
        return true;
      }
      case 0x16: {  // val_expression
        const std::uint64_t reg = p.uleb();
        p.skip(p.uleb());
        set(reg, {Saved::kBeyond, 0, 0});
        return true;
      }
      case 0x2e:  // GNU_args_size
        p.uleb();
        return true;
      default:
        return false;
    }
  }

  void define_cfa(std::uint64_t reg, std::int64_t offset) {
    row_.cfa_reg = reg;
    row_.cfa_offset = offset;
    row_.cfa_load = false;
    row_.cfa_beyond = false;
  }

  const Cie& cie_;
  std::uint64_t location_;
  std::uint64_t pc_;
  unsigned remembered_ = 0;
  Row row_;
  Row initial_;
  Row stack_[kRememberDepth];
};

// False when it does not fit.
bool to_offset(std::int64_t value, std::int32_t& offset) {
  offset = static_cast<std::int32_t>(value);
  return offset == value;
}

bool to_slot(const RegisterRule& rule, SlotBase& base, std::int32_t& offset) {
  if (!to_offset(rule.offset, offset)) return false;
  switch (rule.saved) {
    case Saved::kSame:
      base = SlotBase::kSame;
      return true;
    case Saved::kAtCfa:
      base = SlotBase::kCfa;
      return true;
    case Saved::kAtAddress:
      base = rule.reg == kSpRegister ? SlotBase::kSp : SlotBase::kBp;
      return true;
    case Saved::kUndefined:
    case Saved::kBeyond:
      return false;
  }
  return false;
}

FrameRule to_frame_rule(const Row& row) {
  FrameRule rule;
  rule.kind = RuleKind::kBeyond;
  if (row.ra.saved == Saved::kUndefined) {
    rule.kind = RuleKind::kEnd;
    return rule;
  }
  const bool on_sp = row.cfa_reg == kSpRegister;
  if (row.cfa_beyond || (!on_sp && row.cfa_reg != kBpRegister)) return rule;
  rule.cfa_base = row.cfa_load ? (on_sp ? CfaBase::kSpLoad : CfaBase::kBpLoad)
                               : (on_sp ? CfaBase::kSp : CfaBase::kBp);
  if (!to_offset(row.cfa_offset, rule.cfa_offset)) return rule;
  // An undefined frame pointer is one that the function does not keep: whatever it holds
  // is carried on, as every unwinder does.
  RegisterRule bp = row.bp;
  if (bp.saved == Saved::kUndefined) bp = {};
  if (row.ra.saved == Saved::kSame) return rule;
  if (!to_slot(bp, rule.bp_base, rule.bp_offset)) return rule;
  if (!to_slot(row.ra, rule.ra_base, rule.ra_offset)) return rule;
  rule.kind = RuleKind::kStep;
  return rule;
}

}  // namespace

FrameRule run_cfi_program(CfiBytes bytes, const std::uint8_t* fde, std::uint64_t pc) {
  FrameRule rule;
  rule.kind = RuleKind::kBeyond;
  CfiReader reader = read_entry(bytes, fde);
  const std::uint8_t* cie_pointer = reader.at;
  const std::uint64_t cie_distance = reader.fixed(4);
  if (reader.failed ||
      cie_distance > static_cast<std::uint64_t>(cie_pointer - bytes.begin)) {
    return rule;
  }
  const std::optional<Cie> cie = read_cie(bytes, cie_pointer - cie_distance);
  if (!cie) return rule;
  const std::uint64_t begin = reader.encoded_pointer(cie->pointer_encoding, 0);
  const std::uint64_t size = reader.encoded_pointer(cie->pointer_encoding & 0x0f, 0);
  if (reader.failed) return rule;
  if (pc < begin || pc - begin >= size) {
    rule.kind = RuleKind::kNoInformation;
    return rule;
  }
  if (cie->has_augmentation_data) reader.skip(reader.uleb());
  if (reader.failed) return rule;
  CfiMachine machine(*cie, begin, pc);
  if (!machine.run(cie->program)) return rule;
  machine.keep_initial();
  if (!machine.run(reader)) return rule;
  rule = to_frame_rule(machine.row());
  rule.is_signal_frame = cie->is_signal_frame;
  return rule;
}

}  // namespace memoir
