#include "track/pins.h"

#include "base/site_hash.h"
#include "track/checked_allocator.h"
#include "track/initial_environment.h"
#include "track/module_registry.h"
#include "track/runtime_state.h"

namespace memoir {
namespace {

constexpr unsigned kDigits = 16;

// As the launcher does it from a trace.
std::uint64_t hash_of_stack(StackNodeId stack) {
  SiteHash hash;
  const StackNode* nodes = g_runtime.session.memory().nodes();
  for (StackNodeId id = stack; id >= kFirstStackNode; id = nodes[id].parent) {
    const std::uint64_t pc = nodes[id].pc_and_tenant & kPcMask;
    ModuleImage module;
    std::uint64_t address = pc == kGapPc ? 0 : pc;
    if (pc != kGapPc && find_module(pc, module)) {
      hash.add_module(module.build_id, module.build_id_size);
      address = pc - module.bias;
    }
    hash.add_address(address);
  }
  return hash.value();
}

// Sixteen hexadecimal digits and the side.
bool parse_pin(const char* text, Pin& pin) {
  pin.site = 0;
  for (unsigned i = 0; i < kDigits; ++i) {
    const char c = text[i];
    const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (!is_digit) return false;
    pin.site = pin.site << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  if (text[kDigits] != 'l' && text[kDigits] != 'r') return false;
  pin.side = text[kDigits] == 'l' ? GuardSide::kLeft : GuardSide::kExactRight;
  return true;
}

}  // namespace

void set_pins() {
  const char* text = find_in_environment(kPinsVariable);
  if (text == nullptr) return;
  Pin pins[GuardPolicy::kMostPins];
  std::uint32_t count = 0;
  while (count < GuardPolicy::kMostPins && parse_pin(text, pins[count])) {
    ++count;
    text += kDigits + 1;
    if (*text++ != ',') break;
  }
  checked_heap().guards().set_pins(pins, count, hash_of_stack);
}

}  // namespace memoir
