#include "unwind/eh_frame.h"

#include <dlfcn.h>

#include <cstring>

#include "unwind/cfi_program.h"
#include "unwind/cfi_reader.h"

// Present from glibc 2.35 on; what needs it is off without it.
#pragma weak _dl_find_object

namespace memoir {
namespace {

// Encodings of pointers in .eh_frame (LSB core specification, DWARF extensions).
constexpr std::uint8_t kOmitted = 0xff;
constexpr std::uint8_t kTableOfSdata4 = 0x3b;  // datarel | sdata4: what linkers write

std::int32_t load(const std::uint8_t* at) {
  std::int32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

// The entry of the sorted table that covers `pc`, or nullptr. `header` is .eh_frame_hdr.
const std::uint8_t* find_fde(CfiBytes bytes, const std::uint8_t* header,
                             std::uint64_t pc) {
  if (!bytes.contain(header, 4)) return nullptr;
  if (header[0] != 1 || header[3] != kTableOfSdata4) return nullptr;
  CfiReader reader{header + 4, bytes.end};
  reader.encoded_pointer(header[1], reinterpret_cast<std::uint64_t>(header));
  if (header[2] == kOmitted) return nullptr;
  const std::uint64_t count =
      reader.encoded_pointer(header[2], reinterpret_cast<std::uint64_t>(header));
  const std::uint8_t* table = reader.at;
  if (reader.failed || count > reader.left() / 8) return nullptr;
  const auto base = reinterpret_cast<std::int64_t>(header);
  const auto start_of = [&](std::uint64_t entry) {
    return static_cast<std::uint64_t>(base + load(table + entry * 8));
  };
  if (count == 0 || pc < start_of(0)) return nullptr;
  std::uint64_t low = 0;
  std::uint64_t high = count;  // start_of(low) <= pc < start_of(high)
  while (high - low > 1) {
    const std::uint64_t middle = (low + high) / 2;
    (start_of(middle) <= pc ? low : high) = middle;
  }
  const std::int64_t distance = load(table + low * 8 + 4);
  if (distance < bytes.begin - header || distance > bytes.end - header) return nullptr;
  return header + distance;
}

}  // namespace

bool can_find_frame_rules() { return _dl_find_object != nullptr; }

FrameRule frame_rule_from_header(CfiBytes bytes, const std::uint8_t* header,
                                 std::uint64_t pc) {
  FrameRule rule;
  const std::uint8_t* fde = find_fde(bytes, header, pc);
  if (fde == nullptr) {
    rule.kind = RuleKind::kNoInformation;
  } else {
    rule = run_cfi_program(bytes, fde, pc);
  }
  rule.pc = pc;
  return rule;
}

FrameRule find_frame_rule(std::uint64_t pc) {
  dl_find_object object;
  if (_dl_find_object == nullptr ||
      _dl_find_object(reinterpret_cast<void*>(pc), &object) != 0 ||
      object.dlfo_eh_frame == nullptr) {
    FrameRule rule;
    rule.pc = pc;
    rule.kind = RuleKind::kNoInformation;
    return rule;
  }
  const CfiBytes module{static_cast<const std::uint8_t*>(object.dlfo_map_start),
                        static_cast<const std::uint8_t*>(object.dlfo_map_end)};
  return frame_rule_from_header(
      module, static_cast<const std::uint8_t*>(object.dlfo_eh_frame), pc);
}

bool is_module_address(std::uint64_t pc) {
  dl_find_object object;
  return _dl_find_object != nullptr &&
         _dl_find_object(reinterpret_cast<void*>(pc), &object) == 0;
}

}  // namespace memoir
