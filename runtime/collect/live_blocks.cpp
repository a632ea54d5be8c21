#include "collect/live_blocks.h"

#include <algorithm>

namespace memoir {
namespace {

// How far the clocks of two processors may be apart, in ticks: some microseconds. Far
// more than any machine with an invariant timestamp counter shows, far less than a late
// realloc.
constexpr std::uint64_t kClockSkew = 20'000;

}  // namespace

LiveBlocks::LiveBlocks(PairingObserver& observer) : observer_(observer) {}

void LiveBlocks::make(const LiveBlock& block) {
  blocks_.insert(block);
  observer_.on_block_made(block);
}

void LiveBlocks::take(std::size_t place, std::uint64_t t, std::uint32_t thread) {
  const LiveBlock block = blocks_.at(place);
  blocks_.erase(place);
  observer_.on_block_freed(block, t, thread);
}

void LiveBlocks::alloc(const LiveBlock& block) {
  if (block.address == 0) return;
  const bool quiet = waiting_.empty() || !waiting_.contains(block.address);
  if (quiet && blocks_.find(block.address) == BlockTable::kNowhere) return make(block);
  wait(block.address, {true, block.t, block.thread, block});
}

void LiveBlocks::free(std::uint64_t address, std::uint64_t t, std::uint32_t thread) {
  if (address == 0) return;
  if (waiting_.empty() || !waiting_.contains(address)) {
    const std::size_t place = blocks_.find(address);
    if (place != BlockTable::kNowhere && blocks_.time_at(place) <= t)
      return take(place, t, thread);
  }
  wait(address, {false, t, thread, {}});
}

void LiveBlocks::wait(std::uint64_t address, const Waiting& event) {
  std::vector<Waiting>& events = waiting_[address];
  const auto later = [](const Waiting& a, const Waiting& b) { return a.t < b.t; };
  events.insert(std::upper_bound(events.begin(), events.end(), event, later), event);
  resolve(address, events, false);
  if (events.empty()) waiting_.erase(address);
}

void LiveBlocks::resolve(std::uint64_t address, std::vector<Waiting>& events,
                         bool give_up) {
  std::size_t done = 0;
  for (; done < events.size(); ++done) {
    const Waiting& event = events[done];
    const std::size_t place = blocks_.find(address);
    const bool live = place != BlockTable::kNowhere;
    const std::uint64_t made = live ? blocks_.time_at(place) : 0;
    const bool followed = done + 1 < events.size();
    // A free that is older than the block there belongs to one before it, unless the
    // clocks of two processors are a little apart.
    const bool skewed = give_up && !followed && made - event.t < kClockSkew;
    const bool frees_it = live && !event.is_alloc && (made <= event.t || skewed);
    if (event.is_alloc && !live) {
      make(event.block);
    } else if (frees_it) {
      take(place, event.t, event.thread);
    } else if (!event.is_alloc && (followed || give_up)) {
      // Its alloc would have arrived before what came after it.
      observer_.on_unknown_free(address);
    } else if (!give_up) {
      break;
    } else {
      // The free of the block there was lost: it is taken for granted.
      take(place, event.t, event.thread);
      make(event.block);
    }
  }
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(done));
}

void LiveBlocks::settle(std::uint64_t t) {
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    std::vector<Waiting>& events = entry->second;
    if (!events.empty() && events.back().t < t) resolve(entry->first, events, true);
    entry = events.empty() ? waiting_.erase(entry) : std::next(entry);
  }
}

}  // namespace memoir
