#include "track/pins.h"

#include <atomic>
#include <cerrno>
#include <new>

#include "base/options.h"
#include "base/pages.h"
#include "base/site_hash.h"
#include "base/text_writer.h"
#include "track/breakpoints.h"
#include "track/byte_watches.h"
#include "track/checked_allocator.h"
#include "track/initial_environment.h"
#include "track/module_registry.h"
#include "track/program_signals.h"
#include "track/runtime_options.h"
#include "track/runtime_state.h"

namespace memoir {

constinit bool g_has_pins = false;

namespace {

constexpr unsigned kSiteDigits = 16;
constexpr std::uint32_t kNone = GuardPolicy::kMostPins;

struct PinnedBlock {
  std::uint64_t site = 0;
  GuardSide side = GuardSide::kExactRight;
  std::uint64_t size = 0;
  std::uint32_t ordinal = 0;  // from 1, of the blocks of this site and size; 0: unknown
  std::int64_t offset = 0;    // of the byte, from the block's first
  bool was_read = false;
  std::atomic<std::uint32_t> seen{0};
  std::atomic<std::uint32_t> sure_block{0};  // the number of the one with the ordinal
};

// Of processes that have any.
constinit PinnedBlock* g_pins = nullptr;
constinit std::uint32_t g_count = 0;
constinit unsigned g_breakpoints = 0;
constinit int g_refusal = 0;
constinit bool g_has_guards_instead = false;
constinit std::atomic<bool> g_is_refusal_said{false};

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

class PinText {
 public:
  explicit PinText(const char* at) : at_(at) {}

  bool next(PinnedBlock& pin) {
    std::uint64_t ordinal = 0;
    std::uint64_t away = 0;
    if (read_number(pin.site) != kSiteDigits) return false;
    pin.side = *at_ == 'l' ? GuardSide::kLeft : GuardSide::kExactRight;
    if (!skip('l') && !skip('r')) return false;
    if (!skip('.') || read_number(pin.size) == 0) return false;
    if (!skip('.') || read_number(ordinal) == 0 || !skip('.')) return false;
    const bool is_before = skip('-');
    if (read_number(away) == 0 || !skip('.')) return false;
    pin.was_read = *at_ == 'r';
    if (!skip('r') && !skip('w')) return false;
    pin.ordinal = static_cast<std::uint32_t>(ordinal);
    pin.offset = static_cast<std::int64_t>(is_before ? 0 - away : away);
    skip(',');
    return true;
  }

 private:
  bool skip(char c) { return *at_ == c && ++at_ != nullptr; }

  // How many digits there were, at most sixteen.
  unsigned read_number(std::uint64_t& number) {
    number = 0;
    unsigned digits = 0;
    for (; digits < 16; ++digits, ++at_) {
      const char c = *at_;
      const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (!is_digit) break;
      number = number << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return digits;
  }

  const char* at_;
};

// As strerror() has it, which may want memory.
const char* reason_of(int error) {
  switch (error) {
    case EPERM:
      return "Operation not permitted";
    case EACCES:
      return "Permission denied";
    case ENOSYS:
      return "Function not implemented";
    case ENOSPC:
      return "No space left on device";
    case ENOENT:
      return "No such file or directory";
    case EMFILE:
      return "Too many open files";
    default:
      return "not by this kernel";
  }
}

// Once, by a process that has a block to watch.
void say_refusal() {
  if (g_is_refusal_said.exchange(true)) return;
  Text<256> line;
  line.add("--pin: no breakpoints (perf_event_open: ");
  line.add(reason_of(g_refusal)).add("): ");
  line.add(g_has_guards_instead ? "there are guard pages in their place"
                                : "what no guard page covers is not watched");
  say(line.c_str());
}

// As far as the kernel lets us, and the user wants it.
void prepare_breakpoints(PinWith how) {
  if (how == PinWith::kGuard) return;
  const unsigned wanted = g_count < kMostBreakpoints ? g_count : kMostBreakpoints;
  g_breakpoints = open_breakpoints(wanted, g_refusal);
  if (g_breakpoints != 0) stand_before_traps();
  if (how == PinWith::kAuto) return;
  g_has_guards_instead = g_breakpoints == 0;
  if (g_has_guards_instead) return;
  for (std::uint32_t i = 0; i < g_count; ++i) g_pins[i].side = GuardSide::kNone;
}

// Which pin a new block is for: the one whose turn it is, or else one of its size, or
// else the first of its site.
struct Chosen {
  std::uint32_t pin = kNone;
  bool is_sure = false;
};

Chosen choose_pin(StackNodeId stack, std::uint64_t size, bool counts) {
  Chosen chosen{checked_heap().guards().pin_of(stack), false};
  if (chosen.pin == kNone) return chosen;
  const std::uint32_t first = chosen.pin;
  bool fits = false;
  for (std::uint32_t i = first; i < g_count && g_pins[i].site == g_pins[first].site;
       ++i) {
    PinnedBlock& pin = g_pins[i];
    if (pin.size != size) continue;
    if (!fits) chosen.pin = i;
    fits = true;
    if (!counts || pin.ordinal == 0) continue;
    if (pin.seen.fetch_add(1, std::memory_order_relaxed) + 1 != pin.ordinal) continue;
    chosen = {i, true};
  }
  return chosen;
}

// Where the byte lies in a block that may have another size: beyond the end as far, or
// else from the begin.
std::uintptr_t guilty_byte(const PinnedBlock& pin, const BlockView& block) {
  const auto size = static_cast<std::int64_t>(pin.size);
  const auto offset = static_cast<std::uintptr_t>(pin.offset);
  return pin.offset >= size ? block.end() + (offset - pin.size) : block.begin + offset;
}

bool is_inside(const PinnedBlock& pin) {
  return pin.offset >= 0 && pin.offset < static_cast<std::int64_t>(pin.size);
}

void watch(const PinnedBlock& pin, const Place& place, bool is_sure) {
  const CheckedHeap& heap = checked_heap();
  WatchedBytes wanted =
      find_watched_bytes(heap, place, guilty_byte(pin, heap.view(place)));
  if (wanted.bytes == 0) return;
  if (g_breakpoints == 0) return say_refusal();
  wanted.is_sure = is_sure;
  wanted.on_reads = pin.was_read;
  watch_bytes(wanted);
}

bool may_watch() { return g_breakpoints != 0 || g_refusal != 0; }

void forget_counts() {
  for (std::uint32_t i = 0; i < g_count; ++i) g_pins[i].seen.store(0);
}

void in_forked_child() {
  forget_counts();
  if (g_breakpoints != 0) watch_again_after_fork();
}

}  // namespace

void set_pins() {
  const char* text = find_in_environment(kPinsVariable);
  if (text == nullptr) return;
  void* memory =
      map_pages(round_up(GuardPolicy::kMostPins * sizeof(PinnedBlock), kPageSize));
  if (memory == nullptr) return;
  g_pins = new (memory) PinnedBlock[GuardPolicy::kMostPins];
  PinText pins(text);
  while (g_count < GuardPolicy::kMostPins && pins.next(g_pins[g_count])) ++g_count;
  if (g_count == 0) return;
  Options options;
  read_runtime_options(options);
  prepare_breakpoints(options.pin_with);
  Pin sites[GuardPolicy::kMostPins];
  for (std::uint32_t i = 0; i < g_count; ++i) {
    sites[i] = {g_pins[i].site, g_pins[i].side};
  }
  checked_heap().guards().set_pins(sites, g_count, hash_of_stack);
  call_in_forked_child(in_forked_child);
  g_has_pins = true;
}

void* make_pinned_block(const BlockRequest& request, ThreadCache& cache,
                        Findings& findings) {
  CheckedHeap& heap = checked_heap();
  const Chosen chosen = choose_pin(request.stack, request.size, true);
  if (chosen.pin == kNone) return heap.allocate(request, cache, findings);
  PinnedBlock& pin = g_pins[chosen.pin];
  if (MEMOIR_UNLIKELY(g_has_guards_instead)) say_refusal();
  void* block = nullptr;
  if (pin.side != GuardSide::kNone) {
    block = heap.allocate_guarded(request, pin.side, chosen.is_sure, cache, findings);
  }
  if (block == nullptr) block = heap.allocate(request, cache, findings);
  if (block == nullptr) return nullptr;
  const Place place = heap.find(reinterpret_cast<std::uintptr_t>(block));
  if (chosen.is_sure) pin.sure_block.store(heap.view(place).number);
  if (may_watch() && !is_inside(pin)) watch(pin, place, chosen.is_sure);
  return block;
}

void release_pinned_block(const Place& place, Api api, StackNodeId stack,
                          std::uint32_t thread, ThreadCache& cache, Findings& findings) {
  CheckedHeap& heap = checked_heap();
  const BlockView block = heap.view(place);
  const Chosen chosen = choose_pin(block.alloc_stack, block.size, false);
  if (chosen.pin != kNone) unwatch_block(place, block.number);
  heap.release(place, api, stack, thread, cache, findings);
  if (chosen.pin == kNone || !may_watch()) return;
  const PinnedBlock& pin = g_pins[chosen.pin];
  const bool is_sure = pin.ordinal != 0 && pin.sure_block.load() == block.number;
  if (is_inside(pin)) watch(pin, place, is_sure);
}

}  // namespace memoir
