#include "collect/live_blocks.h"

#include <algorithm>

namespace memoir {
namespace {

constexpr std::size_t kFirstPlaces = 4096;

// How far the clocks of two processors may be apart, in ticks: some microseconds. Far
// more than any machine with an invariant timestamp counter shows, far less than a late
// realloc.
constexpr std::uint64_t kClockSkew = 20'000;

}  // namespace

// Full to three fifths at most: the search for a place that is empty stays short.
constexpr std::size_t most_blocks(std::size_t places) { return places / 5 * 3; }

LiveBlocks::LiveBlocks(PairingObserver& observer)
    : observer_(observer), places_(kFirstPlaces), most_(most_blocks(kFirstPlaces)) {}

const LiveBlock* LiveBlocks::find(std::uint64_t address) const {
  const LiveBlock& place = places_[place_of(address)];
  return place.address == 0 ? nullptr : &place;
}

void LiveBlocks::grow() {
  ZeroedArray<LiveBlock> old(places_.size() * 2);
  std::swap(old, places_);
  most_ = most_blocks(places_.size());
  for (const LiveBlock& block : old) {
    if (block.address != 0) places_[place_of(block.address)] = block;
  }
}

void LiveBlocks::insert(const LiveBlock& block) {
  places_[place_of(block.address)] = block;
  if (++size_ > most_) grow();
}

// Closes the gap, so that no probe sequence is cut.
void LiveBlocks::erase(std::size_t place) {
  const std::size_t mask = places_.size() - 1;
  std::size_t gap = place;
  for (std::size_t next = (gap + 1) & mask; places_[next].address != 0;
       next = (next + 1) & mask) {
    const std::size_t home = home_of(places_[next].address);
    if (((next - home) & mask) >= ((next - gap) & mask)) {
      places_[gap] = places_[next];
      gap = next;
    }
  }
  places_[gap] = {};
  --size_;
}

void LiveBlocks::make(const LiveBlock& block) {
  insert(block);
  observer_.on_block_made(block);
}

void LiveBlocks::take(std::size_t place, std::uint64_t t, std::uint32_t thread) {
  const LiveBlock block = places_[place];
  erase(place);
  observer_.on_block_freed(block, t, thread);
}

void LiveBlocks::alloc(const LiveBlock& block) {
  if (block.address == 0) return;
  const bool quiet = waiting_.empty() || !waiting_.contains(block.address);
  if (quiet && places_[place_of(block.address)].address == 0) return make(block);
  wait(block.address, {true, block.t, block.thread, block});
}

void LiveBlocks::free(std::uint64_t address, std::uint64_t t, std::uint32_t thread) {
  if (address == 0) return;
  if (waiting_.empty() || !waiting_.contains(address)) {
    const std::size_t place = place_of(address);
    if (places_[place].address != 0 && places_[place].t <= t)
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
    const std::size_t place = place_of(address);
    const bool live = places_[place].address != 0;
    const bool followed = done + 1 < events.size();
    // A free that is older than the block there belongs to one before it, unless the
    // clocks of two processors are a little apart.
    const bool skewed = give_up && !followed && places_[place].t - event.t < kClockSkew;
    const bool frees_it =
        live && !event.is_alloc && (places_[place].t <= event.t || skewed);
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
