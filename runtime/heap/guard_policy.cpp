#include "heap/guard_policy.h"

#include <time.h>

#include "base/pages.h"
#include "base/raw_syscall.h"

namespace memoir {
namespace {

constexpr std::uint32_t kProbes = 4;
// Looking at a clock costs as much as a block.
constexpr std::uint32_t kLostAtATime = 256;
constexpr std::uint64_t kShortestPause = 100'000;
// Of the process's time, for sites that are known to be wrong.
constexpr std::uint64_t kShareOfBlamed = 50;

std::uint64_t to_ns(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t process_ns() {
  timespec time{};
  raw_syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &time);
  return to_ns(time);
}

}  // namespace

std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return to_ns(time);
}

bool GuardPolicy::start(const GuardSettings& settings) {
  settings_ = settings;
  increment_ = settings.seed | 1;
  if (settings.first == 0 && pin_count_ == 0) return true;
  void* table = map_pages(sizeof(std::uint64_t) << kTableLog2);
  table_ = static_cast<std::atomic<std::uint64_t>*>(table);
  return table != nullptr;
}

void GuardPolicy::set_pins(const Pin* pins, std::uint32_t count,
                           std::uint64_t (*hash)(StackNodeId)) {
  for (std::uint32_t i = 0; i < count && i < kMostPins; ++i)
    pins_[pin_count_++] = pins[i];
  hash_ = hash;
}

std::uint32_t GuardPolicy::pin_of(StackNodeId stack) {
  if (pin_count_ == 0 || table_ == nullptr || stack <= kInterruptedStack)
    return kMostPins;
  const std::atomic<std::uint64_t>* entry = find_site(stack);
  if (entry == nullptr) return kMostPins;
  const std::uint64_t site = entry->load(std::memory_order_relaxed);
  return (site & kPinned) != 0 ? given_of(site) : kMostPins;
}

// What is known of a site before its first block.
std::uint64_t GuardPolicy::new_site(StackNodeId stack) const {
  if (pin_count_ == 0) return stack;
  const std::uint64_t hash = hash_(stack);
  for (std::uint32_t i = 0; i < pin_count_; ++i) {
    if (pins_[i].site != hash) continue;
    return kPinned | kBlamed | std::uint64_t{i} << 40 | stack;
  }
  return stack;
}

// Its entry, which may be new; nullptr where all that it could have are taken.
std::atomic<std::uint64_t>* GuardPolicy::find_site(StackNodeId stack) {
  const std::uint32_t place = place_of(stack);
  for (std::uint32_t i = 0; i < kProbes; ++i) {
    std::atomic<std::uint64_t>& entry = table_[(place + i) % (1u << kTableLog2)];
    std::uint64_t site = entry.load(std::memory_order_relaxed);
    if (site == 0 && entry.compare_exchange_strong(site, new_site(stack))) return &entry;
    if (stack_of(site) == stack) return &entry;
  }
  return nullptr;
}

std::uint64_t GuardPolicy::after_guard(std::uint64_t site) const {
  if ((site & kPinned) != 0) return site;
  std::uint32_t level = level_of(site);
  std::uint32_t given = given_of(site) + 1;
  if (given >= (level == 0 ? settings_.first : kPerLevel)) {
    // An even number in all: sides go on to alternate.
    given = 0;
    if (level < kMostLevel && (site & kBlamed) == 0) ++level;
  }
  return (site & kBlamed) | std::uint64_t{given} << 40 | std::uint64_t{level} << 32 |
         stack_of(site);
}

bool GuardPolicy::may_spend(bool blamed) {
  if (guards_.load(std::memory_order_relaxed) < settings_.free_guards &&
      guards_.fetch_add(1, std::memory_order_relaxed) < settings_.free_guards) {
    return true;
  }
  const std::uint64_t now = now_ns();
  if (!blamed && now < closed_until_.load(std::memory_order_relaxed)) return false;
  const std::uint64_t used = process_ns();
  const std::uint64_t cost = cost_.load(std::memory_order_relaxed);
  const std::uint64_t share = blamed ? kShareOfBlamed : settings_.share;
  if (cost * 100 <= used * share) return true;
  if (!blamed && share != 0) {
    const std::uint64_t missing = cost * 100 / share - used;
    const std::uint64_t pause = missing < kShortestPause ? kShortestPause : missing;
    // Others may use the processor as well: look again earlier than it must be.
    closed_until_.store(now + pause / 4, std::memory_order_relaxed);
  }
  return false;
}

GuardSide GuardPolicy::choose_slowly(StackNodeId stack, GuardDraws& draws) {
  std::atomic<std::uint64_t>* entry = find_site(stack);
  std::uint64_t site = entry == nullptr ? 0 : entry->load(std::memory_order_relaxed);
  if ((site & kPinned) != 0) return pins_[given_of(site)].side;
  if (settings_.all) {
    // Where the table is full, chance decides on the side.
    if (entry != nullptr) site = entry->fetch_xor(std::uint64_t{1} << 40);
    const std::uint32_t turn = entry == nullptr ? draws.random >> 31 : given_of(site);
    return turn % 2 == 0 ? GuardSide::kRight : GuardSide::kLeft;
  }
  if (entry == nullptr || settings_.first == 0 || !is_due(site, draws.random)) {
    return GuardSide::kNone;
  }
  const bool blamed = (site & kBlamed) != 0;
  if (draws.lost != 0 && !blamed) {
    --draws.lost;
    return GuardSide::kNone;
  }
  if (!may_spend(blamed)) {
    draws.lost = kLostAtATime;
    return GuardSide::kNone;
  }
  const GuardSide side = given_of(site) % 2 == 0 ? GuardSide::kRight : GuardSide::kLeft;
  // Another thread at the same site may have been quicker: then it counts for both.
  entry->compare_exchange_strong(site, after_guard(site), std::memory_order_relaxed);
  return side;
}

void GuardPolicy::blame(StackNodeId stack, FaultKind kind) {
  if (table_ == nullptr || stack <= kInterruptedStack) return;
  std::atomic<std::uint64_t>* entry = find_site(stack);
  if (entry == nullptr) return;
  std::uint64_t site = entry->load(std::memory_order_relaxed);
  if ((site & kPinned) != 0) return;
  const std::uint64_t given = kind == FaultKind::kHeapBufferUnderflow ? 1 : 0;
  while (!entry->compare_exchange_weak(site, kBlamed | given << 40 | stack_of(site))) {
  }
}

}  // namespace memoir
