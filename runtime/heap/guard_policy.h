#pragma once

// Which blocks get guard pages. Those of every call site (stack) at first, because most
// errors happen each time; then fewer and fewer, in a share of the program's time.
//
//   blocks of a site:   the first 32 | 8 of the next 16 | 8 of the next 32 | ...
//
// A site whose block was found damaged is guarded from then on. Sides alternate.
//
// Thread safety: any thread; choose() takes no lock, and one look-up where the answer is
// no. Valid when all zero: nothing is guarded.

#include <atomic>
#include <cstdint>

#include "base/compiler.h"
#include "base/fault_kind.h"
#include "base/stack_node.h"

namespace memoir {

// Where a guarded block lies in its pages: its end, or its begin, at the guard.
// kExactRight: not a byte lies between the block and the guard, whatever that does to its
// alignment.
enum class GuardSide : std::uint8_t { kNone, kRight, kLeft, kExactRight };

// A call site of which an earlier run has told: all of its blocks are guarded, unless
// the side is kNone.
struct Pin {
  std::uint64_t site = 0;  // a SiteHash
  GuardSide side = GuardSide::kExactRight;
};

// What a thread draws with, to say which of its blocks are guarded.
struct GuardDraws {
  std::uint32_t random = 0;
  // How many draws it loses without asking: there was no time left for guards.
  std::uint32_t lost = 0;
};

struct GuardSettings {
  std::uint32_t first = 32;  // blocks of a site that are all guarded; 0: no guards
  bool all = false;          // every block, whatever it costs
  std::uint32_t seed = 0;
  // Guards that cost nothing; what all others may take of the process's time, in percent.
  std::uint32_t free_guards = 2048;
  std::uint32_t share = 4;
};

class GuardPolicy {
 public:
  // False when there is no memory for the table.
  bool start(const GuardSettings& settings);

  // Whether, and how, the next block of a site is guarded. `draws` is the calling
  // thread's.
  MEMOIR_FAST_PATH GuardSide choose(StackNodeId stack, GuardDraws& draws) {
    if (MEMOIR_UNLIKELY(table_ == nullptr || stack <= kInterruptedStack)) {
      return GuardSide::kNone;
    }
    draws.random = draws.random * 1664525 + increment_;
    const std::uint64_t site = table_[place_of(stack)].load(std::memory_order_relaxed);
    if (MEMOIR_LIKELY(stack_of(site) == stack && !is_due(site, draws.random))) {
      return GuardSide::kNone;
    }
    return choose_slowly(stack, draws);
  }

  // A block of this site was found damaged, or used when it should not: all are guarded
  // from now on, the next one on the side where it happened.
  void blame(StackNodeId stack, FaultKind kind);

  // Before start(). `hash` is the SiteHash of a stack.
  static constexpr std::uint32_t kMostPins = 64;
  void set_pins(const Pin* pins, std::uint32_t count, std::uint64_t (*hash)(StackNodeId));
  // The first of the pins that has a stack's site; kMostPins: none.
  std::uint32_t pin_of(StackNodeId stack);
  bool is_pinned(StackNodeId stack) { return pin_of(stack) != kMostPins; }

  // Where guarded blocks are counted.
  void count_in(std::atomic<std::uint64_t>* counter) { counter_ = counter; }
  void count_block() {
    if (counter_ != nullptr) counter_->fetch_add(1, std::memory_order_relaxed);
  }

  // A guard has cost so much time.
  void add_cost(std::uint64_t nanoseconds) {
    cost_.fetch_add(nanoseconds, std::memory_order_relaxed);
  }

 private:
  static constexpr unsigned kTableLog2 = 16;
  static constexpr std::uint32_t kPerLevel = 8;
  static constexpr std::uint32_t kMostLevel = 31;

  // A site: its stack, one guard in 2^level, how many there were on this level, and
  // whether it is to blame. Its side follows from how many there were. Of a pinned one
  // the number of its pin stands there.
  static StackNodeId stack_of(std::uint64_t site) {
    return static_cast<StackNodeId>(site);
  }
  static std::uint32_t level_of(std::uint64_t site) { return site >> 32 & 0xff; }
  static std::uint32_t given_of(std::uint64_t site) { return site >> 40 & 0xffff; }
  static constexpr std::uint64_t kBlamed = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kPinned = std::uint64_t{1} << 62;

  static std::uint32_t place_of(StackNodeId stack) {
    return stack * 0x9e3779b1u >> (32 - kTableLog2);
  }
  // The lower bits of such numbers repeat.
  static bool is_due(std::uint64_t site, std::uint32_t random) {
    return std::uint64_t{random} << level_of(site) < std::uint64_t{1} << 32;
  }

  MEMOIR_SLOW_PATH GuardSide choose_slowly(StackNodeId stack, GuardDraws& draws);
  std::atomic<std::uint64_t>* find_site(StackNodeId stack);
  std::uint64_t new_site(StackNodeId stack) const;
  std::uint64_t after_guard(std::uint64_t site) const;
  bool may_spend(bool blamed);

  std::atomic<std::uint64_t>* table_ = nullptr;
  std::uint32_t increment_ = 0;
  Pin pins_[kMostPins];
  std::uint32_t pin_count_ = 0;
  std::uint64_t (*hash_)(StackNodeId) = nullptr;
  std::atomic<std::uint64_t>* counter_ = nullptr;
  GuardSettings settings_;
  std::atomic<std::uint64_t> guards_{0};
  std::atomic<std::uint64_t> cost_{0};
  // After the time was used up: when to look again.
  std::atomic<std::uint64_t> closed_until_{0};
};

// Nanoseconds since some moment.
std::uint64_t now_ns();

}  // namespace memoir
