#pragma once

// How to get from a frame to its caller: what call frame information says about one
// program counter, reduced to what compilers emit on x86-64.

#include <cstdint>

namespace memoir {

// The registers a walk carries.
struct FrameRegisters {
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint64_t bp = 0;
};

enum class RuleKind : std::uint8_t {
  kUnknown = 0,    // not looked up yet
  kStep,           // the caller is found by the fields below
  kEnd,            // the outermost frame: its return address is undefined
  kNoInformation,  // no call frame information covers the address
  kBeyond,         // there is some, but no FrameRule can express it
};

// The canonical frame address: register + offset, or the word stored there.
enum class CfaBase : std::uint8_t { kSp, kBp, kSpLoad, kBpLoad };

// Where the caller's value lies.
enum class SlotBase : std::uint8_t { kSame, kCfa, kSp, kBp };

struct FrameRule {
  std::uint64_t pc = 0;  // the address that was looked up
  std::int32_t cfa_offset = 0;
  std::int32_t bp_offset = 0;
  std::int32_t ra_offset = -8;
  RuleKind kind = RuleKind::kUnknown;
  CfaBase cfa_base = CfaBase::kSp;
  SlotBase bp_base = SlotBase::kSame;
  SlotBase ra_base = SlotBase::kCfa;
  bool is_signal_frame = false;  // the caller was interrupted, it did not call
};

}  // namespace memoir
